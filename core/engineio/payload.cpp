#include "engineio/payload.hpp"

#include "engineio/packet.hpp"

#include <cstddef>

namespace downbeat::engineio {

std::string encode_payload(const std::vector<frame>& packets) {
  std::string payload;
  for (const frame& packet : packets) {
    if (!payload.empty()) payload += record_separator;
    if (packet.is_binary()) {
      payload += encode_binary_as_text(packet.bytes());
    } else {
      payload += packet.bytes();
    }
  }
  return payload;
}

std::vector<std::string_view> split_payload(std::string_view body) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = body.find(record_separator);
    parts.push_back(body.substr(0, end));
    if (end == std::string_view::npos) return parts;
    body.remove_prefix(end + 1);
  }
}

}  // namespace downbeat::engineio
