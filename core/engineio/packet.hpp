#pragma once

#include "frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::engineio {

/// The packet types of Engine.IO v4, whose numbers are their digits on the wire.
enum class packet_type : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

/// One packet, looked at where it was received: `data` is borrowed.
///
///     "4hello"   a text message          "2probe"   a ping
///     "bAQID"    a binary message, in text, as polling carries it
struct packet {
  packet_type type;
  bool is_binary;
  std::string_view data;
};

/// The packet in a text frame, or in one part of a polling payload. Nothing if it is none.
/// Base64 is decoded into `decoded`, which the packet then refers to.
std::optional<packet> decode_text(std::string_view text, std::string& decoded);

/// What each text message begins with, over every transport.
inline constexpr std::string_view message_prefix = "4";

/// A text message as it goes over every transport. Binary messages are frames as they are.
frame encode_message(std::string_view text);

/// A packet without a shared body, such as a ping.
frame encode_packet(packet_type type, std::string_view data = {});

/// A binary message for a transport that carries only text: `b` and base64.
std::string encode_binary_as_text(std::string_view bytes);

}  // namespace downbeat::engineio
