#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::socketio {

/// The packet types of Socket.IO v5. Their values are the digits on the wire.
enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack,
};

/// A parsed packet. Its views refer to the received text.
///
///     type [attachments "-"] [namespace ","] [ack id] [JSON]
///
///     "40"                                 CONNECT to the main namespace
///     "42/admin™,54[\"note\",64]"          EVENT in /admin™ that asks for acknowledgement 54
///     "451-[\"wave\",{\"_placeholder\":true,\"num\":0}]"   EVENT, one attachment follows
struct packet {
  packet_type type;
  std::string_view nsp;             ///< `/` for the main namespace
  std::optional<std::uint64_t> id;  ///< of the acknowledgement
  std::string_view json;            ///< checked and compact; empty if the packet has none
  std::uint64_t attachments;        ///< number of binary messages that follow
  std::int32_t depth = 0;           ///< nesting of the JSON; set by `parse`
  // Of a received event, found while it was checked, so that nobody needs to look for them again.
  std::string_view name = {};       ///< decoded; a number's is its text
  std::string_view arguments = {};  ///< what follows the name in the array; see `item_reader::rest`
};

/// The text is not a packet that a client may send. `what` is the reason for the log.
struct parse_error {
  std::string_view what;
};

/// The reason if a packet announces more attachments than allowed.
inline constexpr std::string_view too_many_attachments = "too many attachments";

/// Reads a packet as a server receives it. Packets that only servers send are errors, and so are
/// reserved event names. JSON with whitespace is compacted into `scratch`, and a name with escapes
/// decoded there; the packet then refers to it.
std::variant<packet, parse_error> parse(std::string_view text, std::uint64_t max_attachments,
                                        std::string& scratch);

/// The text of a packet with `prefix` in front. The JSON must be compact. A packet with attachments
/// must have a binary type.
std::string encode(const packet& packet, std::string_view prefix = {});

/// The same with the JSON in pieces, instead of the packet's own JSON.
std::string encode(const packet& packet, std::span<const std::string_view> json,
                   std::string_view prefix);

/// Whether checked, compact JSON is an event: an array that begins with a name, and not a reserved
/// one.
bool is_event(std::string_view json);

/// Names that Socket.IO reserves. A client that receives such an event closes the connection.
bool is_reserved_event(std::string_view name);

}  // namespace downbeat::socketio
