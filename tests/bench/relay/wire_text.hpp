#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The least of RFC 6455 that a server needs.
namespace downbeat::bench::wire_text {

/// The response to a WebSocket handshake; empty if the request is none.
std::string accept_handshake(std::string_view request);

/// Appends an unmasked frame. The first byte contains the opcode.
void append_frame(std::string& out, std::uint8_t first, std::string_view payload);

inline constexpr std::uint8_t text_frame = 0x81;
inline constexpr std::uint8_t close_frame = 0x88;

struct frame {
  std::uint8_t first;
  std::string_view payload;
  std::size_t bytes;  ///< including its header
};

/// Reads the first received frame and unmasks it in place; nothing if it is incomplete.
std::optional<frame> read_frame(char* received, std::size_t size);

}  // namespace downbeat::bench::wire_text
