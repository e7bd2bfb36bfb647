#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::trace {

/// Removes the first line of a text and returns it without the line feed.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Whether a line is an output.
inline bool is_output(std::string_view line) {
  const std::size_t space = line.find(' ');
  return space != std::string_view::npos && line.substr(space, 3) == " < ";
}

/// Whether a line is empty or a comment (`#`), so that it is neither input nor output.
inline bool is_remark(std::string_view line) {
  return line.empty() || line.front() == '#';
}

}  // namespace downbeat::trace
