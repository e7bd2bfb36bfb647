#include "host/client_frames.hpp"

#include <cstdint>

namespace downbeat::test {

std::string client_frame(host::opcode code, std::string_view payload, frame_options options) {
  const std::string mask = "\x37\xfa\x21\x3d";
  std::string out;
  out += static_cast<char>((options.is_final ? 0x80 : 0) | static_cast<int>(code));
  const std::uint64_t size = payload.size();
  int bytes = 0;
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else {
    bytes = size <= 0xffff ? 2 : 8;
    out += static_cast<char>(bytes == 2 ? 0xfe : 0xff);
  }
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  }
  return out;
}

}  // namespace downbeat::test
