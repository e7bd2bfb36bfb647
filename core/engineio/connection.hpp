#pragma once

#include "base/frame.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "engineio/application.hpp"
#include "engineio/connection_state.hpp"
#include "input.hpp"
#include "shard.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace downbeat::engineio {

/// What the server waits for, to detect a lost client.
enum class heartbeat : std::uint8_t {
  resting,            ///< until it is time for the next ping
  awaiting_pong,      ///< a ping was sent
  awaiting_pong_late  ///< like that, but something else arrived: more time, once
};

/// How long the rest of a POST waits that has more packets than the rate limit allows.
inline constexpr std::int64_t post_pace_interval_ms = 100;

/// How often a probed connection's pending GET is released.
inline constexpr std::int64_t upgrade_flush_interval_ms = 100;

/// The number of values of a session id's last part, which then begins again.
inline constexpr std::uint64_t sid_counters = std::uint64_t{1} << 24;

/// The number in a session id. It begins again in a way that it still determines the shard that
/// opened the connection.
constexpr std::uint64_t counter_of_id(connection_id id, const shard& here) {
  return id % (sid_counters - sid_counters % here.count);
}

/// The bytes kept of a client's address. IPv6 needs 45, and more with a zone.
inline constexpr std::int64_t max_address_bytes = 64;

/// The state that only polling needs.
struct polling_state {
  std::optional<request_id> poll;  ///< the GET that waits for packets
  std::optional<request_id> post;  ///< the POST whose body is arriving or delayed
  std::int64_t queued_bytes = 0;   ///< in the outbox
  std::vector<frame> outbox;       ///< packets for the next GET, or for the upgraded transport

  rate_limiter pace;            ///< of the packets in POSTs
  std::string deferred;         ///< a POST body whose rest is delayed
  std::size_t deferred_at = 0;  ///< where that rest begins
  std::optional<instant_ms> deferred_until;
};

/// The state of one Engine.IO connection. The members that every message needs are first, in one
/// cache line.
struct connection {
  connection_id id = 0;
  connection_machine machine;  ///< its state, and what it knows in that state alone
  heartbeat beat = heartbeat::resting;
  bool wants_base64 = false;  ///< the client asked for base64 on its WebSocket

  std::string sid;  ///< secret: it authorizes to send as this client
  std::string remote_address;
  std::optional<instant_ms> beat_deadline;
  std::unique_ptr<polling_state> polling;
};

}  // namespace downbeat::engineio
