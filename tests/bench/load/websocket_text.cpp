#include "load/websocket_text.hpp"

#include "load/arguments.hpp"

#include <cstring>

namespace downbeat::bench::websocket {
namespace {

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

std::string handshake_request(std::string_view host) {
  std::string request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ";
  request.append(host);
  request +=
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  return request;
}

void append_masked(std::string& out, opcode kind, std::string_view payload, std::uint32_t mask) {
  constexpr std::uint8_t final_fragment = 0x80;
  constexpr std::uint8_t is_masked = 0x80;
  out += static_cast<char>(final_fragment | static_cast<std::uint8_t>(kind));
  if (payload.size() < 126) {
    out += static_cast<char>(is_masked | payload.size());
  } else {
    out += static_cast<char>(is_masked | 126);
    out += static_cast<char>(payload.size() >> 8 & 0xff);
    out += static_cast<char>(payload.size() & 0xff);
  }
  char key[4];
  std::memcpy(key, &mask, 4);
  out.append(key, 4);
  const std::size_t start = out.size();
  out.append(payload);
  char* bytes = out.data() + start;
  std::size_t i = 0;
  const std::uint64_t wide = std::uint64_t{mask} << 32 | mask;
  for (; i + 8 <= payload.size(); i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, bytes + i, 8);
    eight ^= wide;
    std::memcpy(bytes + i, &eight, 8);
  }
  for (; i < payload.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % 4]);
}

std::optional<frame> read_frame(std::string_view received) {
  if (received.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(received[0]);
  const auto second = static_cast<std::uint8_t>(received[1]);
  if ((first & 0xf0) != 0x80) give_up("the server sent a part of a message");
  if ((second & 0x80) != 0) give_up("the server sent a masked frame");
  std::size_t header = 2;
  std::uint64_t length = second;
  if (second >= 126) {
    const std::size_t extended = second == 126 ? 2 : 8;
    header += extended;
    if (received.size() < header) return std::nullopt;
    length = read_big_endian(received.substr(2, extended));
  }
  if (received.size() - header < length) return std::nullopt;
  return frame{static_cast<opcode>(first & 0x0f), received.substr(header, length), header + length};
}

}  // namespace downbeat::bench::websocket
