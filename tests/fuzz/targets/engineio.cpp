// Engine.IO: one packet, and the payload of a POST.

#include "engineio/packet.hpp"
#include "engineio/payload.hpp"
#include "fuzz/fuzz.hpp"
#include "text/base64.hpp"

#include <string>
#include <vector>

using namespace downbeat;
using fuzz::must;

namespace {

/// The server's own encoding of a packet that it has decoded.
frame encode(const engineio::packet& packet) {
  if (packet.is_binary) return frame::binary(std::string(packet.data));
  return engineio::encode_packet(packet.type, packet.data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);

  std::string decoded;
  if (const auto packet = engineio::decode_text(text, decoded)) {
    must(packet->is_binary == text.starts_with('b'), "what begins with b is binary");
    if (packet->is_binary) {
      must(base64::decode(text.substr(1)) == packet->data, "a binary message is its base64");
    } else {
      must(encode(*packet).bytes() == text, "a packet is written as it was read");
    }
  }

  std::string joined;
  std::vector<frame> packets;
  const std::vector<std::string_view> parts = engineio::split_payload(text);
  for (const std::string_view& part : parts) {
    if (&part != &parts.front()) joined += engineio::record_separator;
    joined += part;
    if (const auto packet = engineio::decode_text(part, decoded))
      packets.push_back(encode(*packet));
  }
  must(joined == text, "the parts of a payload are all of it");
  if (packets.empty()) return 0;

  const std::string payload = engineio::encode_payload(packets);
  const auto again = engineio::split_payload(payload);
  must(again.size() == packets.size(), "a payload has as many parts as packets");
  for (std::size_t i = 0; i != again.size(); ++i) {
    const auto packet = engineio::decode_text(again[i], decoded);
    must(packet && encode(*packet) == packets[i], "a payload reads as it was written");
  }
  return 0;
}
