#pragma once

#include "http/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace downbeat::host {

// A table, because each byte of each request is checked.
inline constexpr auto line_characters = [] {
  std::array<bool, 256> all{};
  for (std::size_t byte = 0x20; byte < all.size(); ++byte) all[byte] = byte != 0x7f;
  all['\t'] = true;
  return all;
}();

/// Whether a line of HTTP may contain this character: visible characters, spaces, tabs, and bytes
/// above ASCII.
constexpr bool is_line_text(char c) {
  return line_characters[static_cast<unsigned char>(c)];
}

constexpr bool is_line_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return is_line_text(c); });
}

/// Whether a line is a header field: a name, immediately followed by a colon, then anything (RFC
/// 9112, 5). A folded line begins with a space or tab and does not count.
constexpr bool is_field_line(std::string_view line) {
  const auto colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon));
}

}  // namespace downbeat::host
