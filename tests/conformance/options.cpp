#include "options.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace downbeat::conformance {
namespace {

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
  } else {
    throw std::invalid_argument("there is no option '" + std::string(name) + "'");
  }
}

}  // namespace

options parse_options(std::span<char* const> arguments) {
  options parsed;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) {
      throw std::invalid_argument(std::string(arguments[i]) + " needs a value");
    }
    set(parsed, arguments[i], arguments[i + 1]);
  }
  return parsed;
}

}  // namespace downbeat::conformance
