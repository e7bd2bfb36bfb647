#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// Whether a comma-separated header field, such as `keep-alive, Upgrade`, names a token. Letters
/// compare without case.
bool has_token(std::string_view field, std::string_view token);

/// Whether this is what Sec-WebSocket-Key must be: sixteen bytes in base64.
bool is_valid_websocket_key(std::string_view key);

/// The 101 response that completes the handshake, without extensions or a subprotocol.
std::string switching_protocols(std::string_view key);

}  // namespace downbeat::host
