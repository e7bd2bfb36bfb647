#include "options.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace downbeat::conformance {

const std::string_view help =
    R"(A Socket.IO server for tests that speak Engine.IO and Socket.IO byte by byte.

conformance-server [--OPTION VALUE]...

  --mode MODE           socketio, or engine: echoes the messages of Engine.IO [socketio]
  --port PORT           of 127.0.0.1; 0 takes a free one, which is printed [0]
  --ping-interval MS    from a pong to the next ping [300]
  --ping-timeout MS     how long a pong may take [200]
  --max-payload BYTES   the largest message or HTTP body [1000000]
  --connect-timeout MS  how long the first CONNECT of a client may take [1000]
  --upgrade-timeout MS  how long the upgrade to a WebSocket may take [10000]
  --recovery [MS]       connection state recovery: a client whose connection is lost may come back
                        for so long, for its id, its rooms, its data and the events that it has
                        missed [120000]
  --help                prints this
)";

namespace {

/// What the reference server has.
constexpr std::int64_t default_recovery_ms = 2 * 60 * 1'000;

std::int64_t parse_number(std::string_view name, std::string_view value, std::int64_t max) {
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto result = std::from_chars(value.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end || number < 0 || number > max) {
    throw std::invalid_argument(std::string(name) + " cannot be '" + std::string(value) + "'");
  }
  return number;
}

mode parse_mode(std::string_view value) {
  if (value == "engine") return mode::engine;
  if (value == "socketio") return mode::socketio;
  throw std::invalid_argument("--mode is engine or socketio, not '" + std::string(value) + "'");
}

void set(options& into, std::string_view name, std::string_view value) {
  const auto number = [&](std::int64_t max = std::numeric_limits<std::int32_t>::max()) {
    return parse_number(name, value, max);
  };
  if (name == "--mode") {
    into.mode = parse_mode(value);
  } else if (name == "--port") {
    into.port = static_cast<std::uint16_t>(number(65'535));
  } else if (name == "--ping-interval") {
    into.engineio.ping_interval_ms = number();
  } else if (name == "--ping-timeout") {
    into.engineio.ping_timeout_ms = number();
  } else if (name == "--max-payload") {
    into.engineio.max_payload_bytes = number();
  } else if (name == "--connect-timeout") {
    into.socketio.connect_timeout_ms = number();
  } else if (name == "--upgrade-timeout") {
    into.engineio.upgrade_timeout_ms = number();
  } else if (name == "--recovery") {
    into.socketio.recovers = true;
    into.recovery_ms = value.empty() ? default_recovery_ms : number();
  } else {
    throw std::invalid_argument("there is no option '" + std::string(name) + "'");
  }
}

}  // namespace

options parse_options(std::span<char* const> arguments) {
  options parsed;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    const bool has_value =
        i + 1 < arguments.size() && !std::string_view(arguments[i + 1]).starts_with("--");
    if (name == "--help") {
      parsed.asks_for_help = true;
    } else if (has_value) {
      set(parsed, name, arguments[++i]);
    } else if (name == "--recovery") {
      set(parsed, name, {});
    } else {
      throw std::invalid_argument(std::string(name) + " needs a value");
    }
  }
  return parsed;
}

}  // namespace downbeat::conformance
