#pragma once

#include "jam/options.hpp"
#include "log/logger.hpp"
#include "server/server_options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace downbeat::host {

/// Everything that `downbeat serve` can be told.
struct serve_options {
  server_options server;
  jam::options jam;
  std::int64_t threads = 1;  ///< event loops, each on a thread of its own
  std::string record_file;   ///< where to record everything; empty: nowhere
  log_level least_level = log_level::info;
  log_format format = log_format::text;

  /// An option as it was read, in words, to see what a reload changes.
  struct setting {
    std::string name;
    std::string value;
    bool is_limit;  ///< it can be changed while the server runs
  };
  std::vector<setting> settings;
};

/// Why there are no options: help that was asked for, or a mistake. Both are to be printed.
struct no_options {
  std::string text;
  bool is_mistake;
};

/// Reads the arguments after `serve`, the environment (`DOWNBEAT_…`) and the file that `--config`
/// names; the first of them that speaks of an option is heard.
std::variant<serve_options, no_options> read_serve_options(std::vector<std::string> arguments);

}  // namespace downbeat::host
