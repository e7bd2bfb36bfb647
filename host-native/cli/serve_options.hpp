#pragma once

#include "jam/option_table.hpp"
#include "jam/options.hpp"
#include "journal/journal_file.hpp"
#include "log/logger.hpp"
#include "options/server_options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace downbeat::host {

/// The options of `downbeat serve`, read and checked.
struct serve_options {
  server_options server;
  jam::options jam = jam::server_defaults();
  std::int64_t threads = 1;  ///< event loops, each on a thread of its own
  std::string data_folder;   ///< where sessions are kept; empty: in memory
  durability how_durable = durability::process;
  std::string redis_url;      ///< of a Redis that keeps them instead; empty: none
  std::string redis_ca_file;  ///< see `redis_address::ca_file`
  std::int64_t redis_lease_ms = 6'000;
  std::string node_name;             ///< among those that have the same Redis; empty: drawn
  std::int64_t wait_for_data_s = 0;  ///< for another process that has the sessions
  std::string record_file;           ///< where to record everything; empty: nowhere
  log_level least_level = log_level::info;
  log_format format = log_format::text;

  /// Whether sessions outlast the process.
  [[nodiscard]] bool keeps_sessions() const { return !data_folder.empty() || !redis_url.empty(); }

  /// An option as it was read, in words, to see what a reload changes.
  struct setting {
    std::string name;
    std::string value;
    bool is_limit;  ///< it can be changed while the server runs
    bool is_given;  ///< somebody said so; else it is the default, or follows from others
  };
  std::vector<setting> settings;

  /// Variables of the environment that look like options and are none, perhaps with a guess what
  /// was meant.
  std::vector<std::string> warnings;
};

/// Why there are no options: help that was asked for, or what is wrong, in one line without its
/// end.
struct no_options {
  std::string text;
  bool is_mistake;
};

/// Reads the arguments after `serve`, the environment (`DOWNBEAT_…`) and the file that `--config`
/// names; the first of them that speaks of an option is heard. Never throws for what an operator or
/// a file system can do: then there are no options.
std::variant<serve_options, no_options> read_serve_options(
    const std::vector<std::string>& arguments);

}  // namespace downbeat::host
