#pragma once

#include "engineio/application.hpp"
#include "frame.hpp"
#include "input.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace downbeat::engineio {

/// Where a connection is in its life.
enum class life : std::uint8_t {
  open,
  closing,    ///< closed in this step; the application is told at its end
  lingering,  ///< closed; kept until a GET has been told so
};

/// What the server waits for, to know that the peer lives.
enum class heartbeat : std::uint8_t {
  resting,            ///< until it is time for the next ping
  awaiting_pong,      ///< a ping was sent
  awaiting_pong_late  ///< and something else came meanwhile, which bought more time, once
};

/// How far a second transport has come in taking over from polling.
enum class upgrade_stage : std::uint8_t {
  none,
  opened,  ///< the WebSocket is open and owes a probe
  probed,  ///< the probe was answered; polling goes on until the upgrade packet
};

/// How often a probed connection's pending GET is released.
inline constexpr std::int64_t upgrade_flush_interval_ms = 100;

/// The last part of a session id counts, up to here and then again.
inline constexpr std::uint64_t sid_counters = std::uint64_t{1} << 24;

/// What only a connection on polling needs.
struct polling_state {
  std::optional<request_id> poll;  ///< the GET that waits for something to say
  std::optional<request_id> post;  ///< the POST whose body is on its way
  std::int64_t queued_bytes = 0;   ///< in the outbox
  std::vector<frame> outbox;       ///< packets for the next GET, or for the upgraded transport
};

/// What the server knows of one Engine.IO connection.
///
/// What every message that is sent or received looks at stands first, in one line of the cache.
struct connection {
  connection_id id = 0;
  /// The current transport is polling exactly when this is not set.
  std::optional<transport_id> websocket;
  life state = life::open;
  heartbeat beat = heartbeat::resting;
  bool wants_base64 = false;  ///< its WebSocket was opened with the wish for binary as text
  close_reason reason = close_reason::transport_closed;

  std::string sid;  ///< private to the peer: whoever knows it can speak for it
  std::string remote_address;
  std::optional<instant_ms> beat_deadline;
  std::unique_ptr<polling_state> polling;

  upgrade_stage upgrade = upgrade_stage::none;
  transport_id upgrade_transport = 0;
  std::optional<instant_ms> upgrade_deadline;
  std::optional<instant_ms> upgrade_flush_deadline;  ///< when a pending GET is next released

  std::optional<instant_ms> linger_deadline;
};

}  // namespace downbeat::engineio
