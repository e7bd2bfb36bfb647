#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::socketio {

/// The packet types of Socket.IO v5, whose numbers are their digits on the wire.
enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack,
};

/// The text of one packet, looked at where it was received: its views are borrowed.
///
///     type [attachments "-"] [namespace ","] [ack id] [JSON]
///
///     "40"                                 CONNECT to the main namespace
///     "42/admin™,54[\"note\",64]"          EVENT in /admin™ that asks for acknowledgement 54
///     "451-[\"wave\",{\"_placeholder\":true,\"num\":0}]"   EVENT, one attachment follows
struct packet {
  packet_type type;
  std::string_view nsp;             ///< `/` for the main namespace
  std::optional<std::uint64_t> id;  ///< of the acknowledgement asked for, or given
  std::string_view json;            ///< checked and compact; empty if the packet has none
  std::size_t attachments;          ///< how many binary messages follow
  std::int32_t depth = 0;           ///< how deep the JSON nests, when it was received
};

/// What a peer sent is not a packet that it may send; `what` says why, for the log.
struct parse_error {
  std::string_view what;
};

/// What is wrong with a packet that announces more attachments than it may.
inline constexpr std::string_view too_many_attachments = "too many attachments";

/// Reads a packet as a server receives it. Packets that only servers send are errors, and so are
/// reserved event names. JSON with whitespace is compacted into `scratch`, to which the packet
/// then refers.
std::variant<packet, parse_error> parse(std::string_view text, std::size_t max_attachments,
                                        std::string& scratch);

/// The text of a packet, after a prefix. The JSON must be compact; with attachments, the type a
/// binary one.
std::string encode(const packet& packet, std::string_view prefix = {});

/// The same with JSON that comes in pieces, in place of the packet's own.
std::string encode(const packet& packet, std::span<const std::string_view> json,
                   std::string_view prefix);

/// Names that Socket.IO keeps for itself: a peer that receives one closes the connection.
bool is_reserved_event(std::string_view name);

}  // namespace downbeat::socketio
