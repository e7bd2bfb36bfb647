#include "session/character.hpp"

namespace downbeat::session {
namespace {

constexpr char32_t replacement = 0xfffd;
constexpr std::size_t longest_character = 4;

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(unsigned byte) {
  return (byte & 0xc0u) == 0x80u;
}

/// How many bytes a character has that begins with this one; 0 when none does.
std::size_t size_from(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc0) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf8 ? 4 : 0;
}

}  // namespace

character first_character(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  const std::size_t size = size_from(lead);
  if (size == 1) return {lead, 1};
  if (size == 0 || size > text.size()) return {replacement, 1};
  char32_t code_point = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned byte = byte_at(text, i);
    if (!is_continuation(byte)) return {replacement, 1};
    code_point = (code_point << 6) | (byte & 0x3fu);
  }
  return {code_point, size};
}

character last_character(std::string_view text) {
  std::size_t size = 1;
  while (size < longest_character && size < text.size() &&
         is_continuation(byte_at(text, text.size() - size))) {
    ++size;
  }
  const character last = first_character(text.substr(text.size() - size));
  if (last.size == size) return last;
  return {replacement, 1};
}

bool is_space(char32_t code_point) {
  switch (code_point) {
    case ' ':
    case 0x00a0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
    case 0xfeff: return true;
    default: break;
  }
  return (code_point >= '\t' && code_point <= '\r') ||
         (code_point >= 0x2000 && code_point <= 0x200a);
}

bool is_dash(char32_t code_point) {
  return code_point == '-' || (code_point >= 0x2010 && code_point <= 0x2015) ||
         code_point == 0x2212 || code_point == 0xff0d;
}

bool is_control(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f) || code_point == 0x2028 ||
         code_point == 0x2029;
}

}  // namespace downbeat::session
