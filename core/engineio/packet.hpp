#pragma once

#include "base/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::engineio {

/// The packet types of Engine.IO v4, whose numbers are their digits on the wire.
enum class packet_type : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

/// A parsed packet. `data` refers to the received bytes.
///
///     "4hello"   a text message          "2probe"   a ping
///     "bAQID"    a binary message in base64, as on polling
struct packet {
  packet_type type;
  bool is_binary;
  std::string_view data;
};

/// Parses a text frame, or one part of a polling payload. Nothing if it is not a packet. Base64 is
/// decoded into `decoded`, and the packet then refers to `decoded`.
std::optional<packet> decode_text(std::string_view text, std::string& decoded);

/// The packet type in front of each text message.
inline constexpr std::string_view message_prefix = "4";

/// The frame of a text message, for every transport. Binary messages need no encoding.
frame encode_message(std::string_view text);

/// The frame of a packet for one recipient, such as a ping.
frame encode_packet(packet_type type, std::string_view data = {});

/// A binary message for a transport that carries only text: `b` and base64.
std::string encode_binary_as_text(std::string_view bytes);

}  // namespace downbeat::engineio
