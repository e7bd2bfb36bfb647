#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace downbeat::host {

/// SHA-1 (RFC 3174), which the handshake of WebSocket asks for. It protects nothing.
std::array<std::uint8_t, 20> sha1(std::string_view text);

}  // namespace downbeat::host
