#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The part of RFC 6455 that a client needs which neither fragments nor compresses.
namespace downbeat::bench::websocket {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// The handshake request of a WebSocket for Socket.IO.
std::string handshake_request(std::string_view host);

/// Appends a whole frame as a client sends it: masked.
void append_masked(std::string& out, opcode kind, std::string_view payload, std::uint32_t mask);

/// A whole frame as a server sends it.
struct frame {
  opcode kind;
  std::string_view payload;
  std::size_t bytes;  ///< including its header
};

/// Reads the first received frame; nothing if it is incomplete. If the server breaks the protocol
/// (masks, sends a fragment), the program ends.
std::optional<frame> read_frame(std::string_view received);

}  // namespace downbeat::bench::websocket
