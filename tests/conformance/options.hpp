#pragma once

#include "engineio/options.hpp"
#include "socketio/options.hpp"

#include <cstdint>
#include <span>

namespace downbeat::conformance {

enum class mode { engine, socketio };

/// What the command line says, with the defaults that the tests count on.
struct options {
  conformance::mode mode = mode::socketio;
  std::uint16_t port = 0;
  engineio::options engineio = {.ping_interval_ms = 300, .ping_timeout_ms = 200};
  socketio::options socketio = {.connect_timeout_ms = 1'000};
};

/// Reads `--name value` pairs. Throws std::invalid_argument, with one line for the user, where it
/// cannot.
options parse_options(std::span<char* const> arguments);

}  // namespace downbeat::conformance
