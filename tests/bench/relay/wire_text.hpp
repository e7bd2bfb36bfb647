#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The least that a server must read and write to be taken for a WebSocket server.
namespace downbeat::bench::wire_text {

/// The answer to a request for a WebSocket; empty if it asks for none.
std::string accept_handshake(std::string_view request);

/// Appends an unmasked frame; the first byte has the opcode.
void append_frame(std::string& out, std::uint8_t first, std::string_view payload);

inline constexpr std::uint8_t text_frame = 0x81;
inline constexpr std::uint8_t close_frame = 0x88;

struct frame {
  std::uint8_t first;
  std::string_view payload;
  std::size_t bytes;  ///< with its header
};

/// The first frame of what was received, unmasked in place; nothing while it is incomplete.
std::optional<frame> read_frame(char* received, std::size_t size);

}  // namespace downbeat::bench::wire_text
