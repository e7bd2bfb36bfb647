#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::host {

/// One setting of a configuration file.
struct config_entry {
  std::string name;
  std::vector<std::string> values;  ///< several for a list; none for a name without a value
  std::size_t line;                 ///< the first line is 1
};

/// The first mistake in a configuration file, with the number of its line.
struct config_error {
  std::string why;
  std::size_t line;
};

/// Parses the text of a configuration file: lines like `port = 3001`, in the part of TOML that
/// options need. A value is in double or single quotes, or without quotes if it is simple. A list
/// is in brackets and may span several lines. Comments begin with `#` (outside quotes) or with `;`
/// at the beginning of a line. Does not check whether an option exists or accepts the value: the
/// caller does.
std::variant<std::vector<config_entry>, config_error> read_config(std::string_view text);

}  // namespace downbeat::host
