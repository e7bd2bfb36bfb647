#include "websocket/handshake.hpp"

#include "http/text.hpp"
#include "text/base64.hpp"

#include <boost/beast/websocket/detail/hybi13.hpp>

namespace downbeat::host {

bool has_token(std::string_view field, std::string_view token) {
  while (!field.empty()) {
    const auto comma = field.find(',');
    if (equals_ignoring_case(trim(field.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    field.remove_prefix(comma + 1);
  }
  return false;
}

bool is_valid_websocket_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  const auto bytes = base64::decode(key);
  return bytes && bytes->size() == 16;
}

std::string switching_protocols(std::string_view key) {
  namespace detail = boost::beast::websocket::detail;
  detail::sec_ws_accept_type accept;
  detail::make_sec_ws_accept(accept, {key.data(), key.size()});
  std::string out =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out.append(accept.data(), accept.size());
  out += "\r\n\r\n";
  return out;
}

}  // namespace downbeat::host
