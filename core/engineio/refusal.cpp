#include "engineio/refusal.hpp"

#include <array>

namespace downbeat::engineio {

std::string_view message_of(refusal why) {
  static constexpr std::array<std::string_view, 6> messages = {
      "Transport unknown", "Session ID unknown", "Bad handshake method",
      "Bad request",       "Forbidden",          "Unsupported protocol version",
  };
  return messages[static_cast<std::uint8_t>(why)];
}

int http_status_of(refusal why) {
  return why == refusal::forbidden ? 403 : 400;
}

std::string json_of(refusal why) {
  std::string json = "{\"code\":";
  json += static_cast<char>('0' + static_cast<int>(why));
  json += ",\"message\":\"";
  json += message_of(why);
  json += "\"}";
  return json;
}

}  // namespace downbeat::engineio
