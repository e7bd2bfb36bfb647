#pragma once

#include <string>
#include <string_view>

namespace downbeat::bench {

/// SHA-1 of a text, 20 bytes (RFC 3174), for the WebSocket handshake.
std::string sha1(std::string_view text);

}  // namespace downbeat::bench
