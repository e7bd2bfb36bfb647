#include "websocket/handshake.hpp"

#include "http/text.hpp"
#include "text/base64.hpp"
#include "websocket/sha1.hpp"

#include <algorithm>
#include <vector>

namespace downbeat::host {
namespace {

// RFC 6455, 1.3.
constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

}  // namespace

bool is_valid_websocket_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  const auto bytes = base64::decode(key);
  return bytes && bytes->size() == 16;
}

std::optional<std::string_view> first_subprotocol(std::string_view offered) {
  std::vector<std::string_view> all;
  bool is_valid = true;
  for_each_element(offered, [&](std::string_view one) {
    is_valid = is_token(one) && std::find(all.begin(), all.end(), one) == all.end();
    all.push_back(one);
    return is_valid;
  });
  if (!is_valid) return std::nullopt;
  return all.front();
}

std::string switching_protocols(std::string_view key, std::string_view subprotocol) {
  const auto digest = sha1(std::string(key) + std::string(handshake_guid));
  std::string out =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out += base64::encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  out += "\r\n";
  if (!subprotocol.empty()) {
    out.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  }
  out += "\r\n";
  return out;
}

}  // namespace downbeat::host
