#pragma once

#include "engineio/options.hpp"
#include "socketio/options.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace downbeat::conformance {

enum class mode { engine, socketio };

/// What the command line says, with the defaults that the tests count on.
struct options {
  conformance::mode mode = mode::socketio;
  std::uint16_t port = 0;
  engineio::options engineio = {.ping_interval_ms = 300, .ping_timeout_ms = 200};
  socketio::options socketio = {.connect_timeout_ms = 1'000};
  /// How long a lost socket can be recovered; nothing without connection state recovery.
  std::optional<std::int64_t> recovery_ms;
  bool asks_for_help = false;
};

/// The text of `--help`.
extern const std::string_view help;

/// Reads `--name value` pairs; the value of `--recovery` may be left out. Throws
/// std::invalid_argument, with one line for the user, where it cannot.
options parse_options(std::span<char* const> arguments);

}  // namespace downbeat::conformance
