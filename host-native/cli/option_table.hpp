#pragma once

#include "cli/serve_options.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace downbeat::host {

/// The largest time that an option can have: a browser's timers take no longer delays.
inline constexpr std::int64_t longest_ms = 2'147'483'647;

/// One option of `downbeat serve` in words, for the help and the pages of options.
struct option_row {
  std::string name;  ///< without `--`; the file's key, too
  std::string group = {};
  std::string value_name = {};  ///< such as `MS`; empty for a flag
  std::string unit = {};
  std::string range = {};
  std::string standard = {};  ///< the default, perhaps in words
  std::string what = {};      ///< in the help, too
  bool is_list = false;
  bool is_lifted_by_zero = false;
  std::int64_t* lifted = nullptr;  ///< what `--no-limits` sets to 0

  [[nodiscard]] bool is_flag() const { return value_name.empty(); }
  /// Whether it can be changed while the server runs.
  [[nodiscard]] bool is_live() const { return group.starts_with("Limits"); }
};

/// The options of `downbeat serve`: those of the core (jam/option_table.hpp) and the host's own.
/// Each is one line of the help, one variable of the environment and one key of the file.
class option_table {
 public:
  /// The values go into `into`, which must outlive the table.
  explicit option_table(serve_options& into);
  option_table(const option_table&) = delete;
  option_table& operator=(const option_table&) = delete;

  /// The row of that name, which there must be.
  [[nodiscard]] const option_row& row_of(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  CLI::App app;
  std::vector<option_row> rows;  ///< in the order of the help
  std::string config_file;
  std::string content_security_policy;
  bool is_unlimited = false;

 private:
  CLI::Option* add(CLI::Option* option, option_row row);
  CLI::Option* text(std::string& into, option_row row);
  CLI::Option* list(std::vector<std::string>& into, option_row row);
  template <class Number>
  option_row& number(const std::string& name, Number& into, std::int64_t min, std::int64_t max,
                     const std::string& unit, const std::string& what);
  void milliseconds(const std::string& name, std::int64_t& into, const std::string& what);
  /// A count or a rate, which 0 and `--no-limits` lift.
  void limit(const std::string& name, std::int64_t& into, const std::string& what);
  template <class Value>
  void choice(const std::string& name, Value& into, const std::string& value_name,
              const std::string& what, const std::map<std::string, Value>& values);
  void rows_of_core(jam::options& into);

  std::string group_;
};

/// The variable of an option, such as `DOWNBEAT_PING_INTERVAL` of `ping-interval`.
std::string environment_name(std::string option);

}  // namespace downbeat::host
