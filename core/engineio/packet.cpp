#include "engineio/packet.hpp"

#include "text/base64.hpp"

#include <utility>

namespace downbeat::engineio {

std::optional<packet> decode_text(std::string_view text, std::string& decoded) {
  if (text.empty()) return std::nullopt;
  const char first = text.front();
  text.remove_prefix(1);
  if (first == 'b') {
    auto bytes = base64::decode(text);
    if (!bytes) return std::nullopt;
    decoded = std::move(*bytes);
    return packet{packet_type::message, true, decoded};
  }
  if (first < '0' || first > '6') return std::nullopt;
  return packet{static_cast<packet_type>(first - '0'), false, text};
}

frame encode_message(std::string_view text) {
  return frame::text(std::string(message_prefix).append(text));
}

frame encode_packet(packet_type type, std::string_view data) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(type)));
  text += data;
  return frame::text(std::move(text));
}

std::string encode_binary_as_text(std::string_view bytes) {
  return 'b' + base64::encode(bytes);
}

}  // namespace downbeat::engineio
