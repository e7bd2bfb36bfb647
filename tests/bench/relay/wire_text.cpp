#include "relay/wire_text.hpp"

#include "relay/sha1.hpp"
#include "text/base64.hpp"

#include <cstring>

namespace downbeat::bench::wire_text {
namespace {

void unmask(char* bytes, std::size_t size, const char* key) {
  std::uint32_t narrow = 0;
  std::memcpy(&narrow, key, 4);
  const std::uint64_t wide = std::uint64_t{narrow} << 32 | narrow;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, 8);
    eight ^= wide;
    std::memcpy(bytes + i, &eight, 8);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % 4]);
}

}  // namespace

std::string accept_handshake(std::string_view request) {
  constexpr std::string_view header = "\r\nSec-WebSocket-Key: ";
  constexpr std::string_view salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const std::size_t at = request.find(header);
  if (at == std::string_view::npos) return {};
  std::string_view key = request.substr(at + header.size());
  key = key.substr(0, key.find('\r'));
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         base64::encode(sha1(std::string(key) + std::string(salt))) + "\r\n\r\n";
}

void append_frame(std::string& out, std::uint8_t first, std::string_view payload) {
  out += static_cast<char>(first);
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8 & 0xff);
    out += static_cast<char>(payload.size() & 0xff);
  }
  out.append(payload);
}

std::optional<frame> read_frame(char* received, std::size_t size) {
  if (size < 2) return std::nullopt;
  std::size_t header = 6;
  std::size_t length = static_cast<std::uint8_t>(received[1]) & 0x7f;
  if (length == 126) {
    if (size < 4) return std::nullopt;
    header = 8;
    length = std::size_t{static_cast<std::uint8_t>(received[2])} << 8 |
             static_cast<std::uint8_t>(received[3]);
  }
  if (size < header + length) return std::nullopt;
  unmask(received + header, length, received + header - 4);
  return frame{static_cast<std::uint8_t>(received[0]), std::string_view(received + header, length),
               header + length};
}

}  // namespace downbeat::bench::wire_text
