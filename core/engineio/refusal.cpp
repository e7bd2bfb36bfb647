#include "engineio/refusal.hpp"

#include <array>

namespace downbeat::engineio {

std::string_view message_of(refusal why) {
  static constexpr std::array<std::string_view, 7> messages = {
      "Transport unknown", "Session ID unknown",           "Bad handshake method",    "Bad request",
      "Forbidden",         "Unsupported protocol version", "Server is shutting down",
  };
  return messages[static_cast<std::uint8_t>(why)];
}

int http_status_of(refusal why) {
  switch (why) {
    case refusal::forbidden: return 403;
    // Clients and proxies then try again later or elsewhere.
    case refusal::shutting_down: return 503;
    default: return 400;
  }
}

std::string json_of(refusal why) {
  std::string json = "{\"code\":";
  const refusal number = why == refusal::shutting_down ? refusal::forbidden : why;
  json += static_cast<char>('0' + static_cast<int>(number));
  json += ",\"message\":\"";
  json += message_of(why);
  json += "\"}";
  return json;
}

}  // namespace downbeat::engineio
