#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::golden {

/// Takes a text up to the next separator off its front, and the separator.
inline std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

inline std::string_view take_line(std::string_view& text) {
  return take_until(text, '\n');
}

inline std::string_view take_word(std::string_view& text) {
  return take_until(text, ' ');
}

}  // namespace downbeat::golden
