#pragma once

#include <string>
#include <string_view>

namespace downbeat::bench {

/// The 20 bytes of a text's SHA-1 (RFC 3174), which the WebSocket handshake asks for.
std::string sha1(std::string_view text);

}  // namespace downbeat::bench
