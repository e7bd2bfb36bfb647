#include "text/utf8.hpp"

#include "text/words.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>

namespace downbeat::utf8 {
namespace {

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

constexpr bool is_continuation(std::uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

/// The length of the multi-byte sequence that begins at `at`; 0 if it is not valid.
std::size_t length_of_sequence(std::string_view bytes, std::size_t at) {
  // After some first bytes only a part of the second bytes is allowed. The others would be an
  // overlong form, a surrogate or above U+10FFFF (RFC 3629, section 4).
  const std::uint8_t first = byte_at(bytes, at);
  std::size_t length = 0;
  std::uint8_t lowest = 0x80;
  std::uint8_t highest = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) lowest = 0xa0;
    if (first == 0xed) highest = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) lowest = 0x90;
    if (first == 0xf4) highest = 0x8f;
  } else {
    return 0;
  }
  if (bytes.size() - at < length) return 0;
  const std::uint8_t second = byte_at(bytes, at + 1);
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i != length; ++i) {
    if (!is_continuation(byte_at(bytes, at + i))) return 0;
  }
  return length;
}

}  // namespace

bool is_valid(std::string_view bytes) {
  std::size_t at = 0;
  for (;;) {
    while (bytes.size() - at >= sizeof(words::word) &&
           words::mark_non_ascii(words::load(bytes.data() + at)) == 0) {
      at += sizeof(words::word);
    }
    while (at != bytes.size() && byte_at(bytes, at) < 0x80) ++at;
    // After one non-ASCII character there are usually more, so do not try eight bytes at once here.
    while (at != bytes.size() && byte_at(bytes, at) >= 0x80) {
      const std::size_t length = length_of_sequence(bytes, at);
      if (length == 0) return false;
      at += length;
    }
    if (at == bytes.size()) return true;
  }
}

char32_t next(std::string_view& text) {
  assert(!text.empty());
  const std::uint8_t first = byte_at(text, 0);
  std::size_t length = 1;
  char32_t code_point = first;
  if (first >= 0xf0) {
    length = 4;
    code_point = first & 0x07u;
  } else if (first >= 0xe0) {
    length = 3;
    code_point = first & 0x0fu;
  } else if (first >= 0x80) {
    length = 2;
    code_point = first & 0x1fu;
  }
  assert(text.size() >= length);
  for (std::size_t i = 1; i != length; ++i) {
    code_point = code_point << 6 | (byte_at(text, i) & 0x3fu);
  }
  text.remove_prefix(length);
  return code_point;
}

void append(std::string& out, char32_t code_point) {
  assert(code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff));
  const auto push = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    push(code_point);
    return;
  }
  if (code_point < 0x800) {
    push(0xc0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      push(0xe0 | code_point >> 12);
    } else {
      push(0xf0 | code_point >> 18);
      push(0x80 | (code_point >> 12 & 0x3f));
    }
    push(0x80 | (code_point >> 6 & 0x3f));
  }
  push(0x80 | (code_point & 0x3f));
}

}  // namespace downbeat::utf8
