#include "session/character.hpp"

#include <algorithm>
#include <array>

namespace downbeat::session {
namespace {

struct range {
  char32_t first;
  char32_t last;
};

// Default_Ignorable_Code_Point of Unicode 15.1 (DerivedCoreProperties.txt), with these changes.
// Without: the byte order mark, which counts as a space here. In addition: annotation marks, format
// controls of hieroglyphs and of music, and two blank characters that Unicode counts as a letter or
// a symbol (the empty Braille pattern and the null notehead).
constexpr std::array<range, 21> invisible = {{
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e},
    {0x2060, 0x206f},   {0x2800, 0x2800},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x13430, 0x13440},
    {0x16fe4, 0x16fe4}, {0x1bca0, 0x1bca3}, {0x1d159, 0x1d159}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
}};

constexpr std::array<range, 7> combining_marks = {{
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff},
    {0x302a, 0x302d},
    {0xfe20, 0xfe2f},
}};

constexpr std::array<range, 16> punctuation = {{
    {'!', '/'},
    {':', '@'},
    {'[', '`'},
    {'{', '~'},
    {0x00a1, 0x00a9},
    {0x00ab, 0x00b1},
    {0x00b4, 0x00b8},
    {0x00bb, 0x00bf},
    {0x00d7, 0x00d7},
    {0x00f7, 0x00f7},
    {0x2010, 0x2027},
    {0x2030, 0x205e},
    {0x2190, 0x23ff},
    {0x3001, 0x3030},
    {0x30fb, 0x30fb},
    {0xff61, 0xff65},
}};

template <std::size_t count>
bool is_in(const std::array<range, count>& ranges, char32_t code_point) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const range& one) {
    return code_point >= one.first && code_point <= one.last;
  });
}

constexpr char32_t replacement = 0xfffd;
constexpr std::size_t longest_character = 4;

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(unsigned byte) {
  return (byte & 0xc0u) == 0x80u;
}

/// The length in bytes of a character with this first byte; 0 if no character begins with it.
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

bool is_invisible(char32_t code_point) {
  return is_in(invisible, code_point);
}

bool is_combining_mark(char32_t code_point) {
  return is_in(combining_marks, code_point);
}

bool is_punctuation(char32_t code_point) {
  return is_in(punctuation, code_point);
}

char32_t without_width(char32_t code_point) {
  return code_point >= 0xff01 && code_point <= 0xff5e ? code_point - 0xff01 + '!' : code_point;
}

bool is_control(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f) || code_point == 0x2028 ||
         code_point == 0x2029;
}

}  // namespace downbeat::session
