#pragma once

#include <cstdint>

namespace downbeat::engineio {

/// The settings of Engine.IO, with the defaults that its clients know.
struct options {
  /// From the handshake, or from the last pong, to the next ping.
  std::int64_t ping_interval_ms = 25'000;
  /// From a ping to the close of a connection that does not answer it.
  std::int64_t ping_timeout_ms = 20'000;
  /// From the opening of a second transport to its close, if it has not taken over.
  std::int64_t upgrade_timeout_ms = 10'000;
  /// How long a closed polling connection waits for a GET that can be told so.
  std::int64_t close_timeout_ms = 30'000;
  /// The largest message on a WebSocket, and the largest body of a POST.
  std::int64_t max_payload_bytes = 1'000'000;
  /// What waits for a client on polling that does not come for it; past it the connection is
  /// closed. 0 lifts the limit. On a WebSocket the queue is the host's.
  std::int64_t max_queued_bytes = 1'048'576;
  /// The same for all clients on polling together; past it those with the most are closed. 0 lifts
  /// the limit.
  std::int64_t max_queued_bytes_in_all = 268'435'456;
};

}  // namespace downbeat::engineio
