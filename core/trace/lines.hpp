#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::trace {

/// Takes the next line off a text, without its end.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Whether a line of a trace is an order.
inline bool is_order(std::string_view line) {
  const std::size_t space = line.find(' ');
  return space != std::string_view::npos && line.substr(space, 3) == " < ";
}

/// Whether it is neither fact nor order: empty, or a remark for the reader.
inline bool is_remark(std::string_view line) {
  return line.empty() || line.front() == '#';
}

}  // namespace downbeat::trace
