#pragma once

#include <cstdint>

namespace downbeat::engineio {

/// The settings of Engine.IO. The defaults are those of the reference server where it has them.
struct options {
  /// Time from the handshake, or the last pong, to the next ping.
  std::int64_t ping_interval_ms = 25'000;
  /// Time that a client has to answer a ping.
  std::int64_t ping_timeout_ms = 20'000;
  /// Time that an upgrade to a WebSocket may take.
  std::int64_t upgrade_timeout_ms = 10'000;
  /// How long a closed connection on polling is kept for a GET that fetches the close.
  std::int64_t close_timeout_ms = 30'000;
  /// Bytes of a WebSocket message, and of the body of a POST.
  std::int64_t max_payload_bytes = 1'000'000;
  /// Packets in one client's POSTs per second. A body with more is handled with delays, and
  /// answered at its end. 0 means no limit. The host limits WebSockets.
  std::int64_t max_messages_per_second = 0;
  /// Bytes that wait for one slow reader on polling; above that its connection is closed. 0 means
  /// no limit. The host limits the send queue of WebSockets.
  std::int64_t max_queued_bytes = 1'048'576;
  /// The same for all clients on polling together; above that the connections with the most bytes
  /// are closed. 0 means no limit.
  std::int64_t max_queued_bytes_in_all = 268'435'456;
};

}  // namespace downbeat::engineio
