#pragma once

#include <cstdint>

namespace downbeat::host {

/// The type of a WebSocket frame (RFC 6455, 5.2).
enum class opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

/// Whether this is a control frame (RFC 6455, 5.5).
constexpr bool is_control(opcode code) {
  return static_cast<std::uint8_t>(code) >= 0x8;
}

}  // namespace downbeat::host
