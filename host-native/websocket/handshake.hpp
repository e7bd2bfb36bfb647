#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Whether this is a valid Sec-WebSocket-Key: sixteen bytes in base64 (RFC 6455, 4.1).
bool is_valid_websocket_key(std::string_view key);

/// The first subprotocol in `offered`, the comma-separated values of Sec-WebSocket-Protocol.
/// Nothing if the list is invalid: it is empty, or an element is not a token or occurs twice (RFC
/// 6455, 4.1).
std::optional<std::string_view> first_subprotocol(std::string_view offered);

/// The 101 response that completes the handshake (RFC 6455, 4.2.2), without extensions. An empty
/// subprotocol means none.
std::string switching_protocols(std::string_view key, std::string_view subprotocol);

}  // namespace downbeat::host
