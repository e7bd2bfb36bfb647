#include "websocket/frame_writer.hpp"

#include <array>
#include <cstddef>

namespace downbeat::host {

std::uint64_t framed_size(std::uint64_t payload_bytes) {
  if (payload_bytes < 126) return payload_bytes + 2;
  return payload_bytes + (payload_bytes <= 0xffff ? 4 : 10);
}

void append_header(std::string& out, opcode code, std::uint64_t payload_bytes) {
  std::array<char, 10> header;
  const auto length_bytes =
      static_cast<std::size_t>(framed_size(payload_bytes) - payload_bytes - 2);
  header[0] = static_cast<char>(0x80 | static_cast<unsigned>(code));
  header[1] = static_cast<char>(length_bytes == 0 ? payload_bytes : length_bytes == 2 ? 126 : 127);
  for (std::size_t i = 0; i < length_bytes; ++i) {
    header[2 + i] = static_cast<char>(payload_bytes >> (8 * (length_bytes - 1 - i)) & 0xff);
  }
  out.append(header.data(), 2 + length_bytes);
}

void append_frame(std::string& out, opcode code, std::string_view payload) {
  append_header(out, code, payload.size());
  out.append(payload);
}

void append_close_frame(std::string& out, std::uint16_t code) {
  if (code == 1005) return append_frame(out, opcode::close, {});
  const std::array<char, 2> payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  append_frame(out, opcode::close, {payload.data(), payload.size()});
}

}  // namespace downbeat::host
