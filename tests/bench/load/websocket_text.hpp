#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// As much of RFC 6455 as a client needs that neither fragments nor compresses.
namespace downbeat::bench::websocket {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// The request that opens a WebSocket for Socket.IO.
std::string handshake_request(std::string_view host);

/// Appends a whole frame as a client sends it, which is masked.
void append_masked(std::string& out, opcode kind, std::string_view payload, std::uint32_t mask);

/// A whole frame as a server sends it.
struct frame {
  opcode kind;
  std::string_view payload;
  std::size_t bytes;  ///< with its header
};

/// The first frame of what was received; nothing while it is incomplete. What a server must not
/// send (masked, or a part of a message) ends the program.
std::optional<frame> read_frame(std::string_view received);

}  // namespace downbeat::bench::websocket
