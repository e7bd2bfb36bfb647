#pragma once

#include "base/frame.hpp"
#include "base/time.hpp"
#include "shard.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace downbeat::socketio {

/// The transport's number for one client's connection.
using client_id = std::uint64_t;

/// Limits that the transport enforces. It ignores those that do not apply to it.
struct transport_limits {
  std::int64_t queued_bytes;         ///< waiting for one slow reader
  std::int64_t queued_bytes_in_all;  ///< waiting for all slow readers
  std::int64_t payload_bytes;        ///< of one message
  std::int64_t messages_per_second;  ///< of one client, if messages come in bundles (polling)
};

/// The layer below Socket.IO. It delivers a client's messages in order, or closes the connection.
class transport {
 public:
  virtual ~transport() = default;

  /// The text that begins each text message. If Socket.IO includes it when it encodes a message,
  /// the transport need not copy the message.
  [[nodiscard]] virtual std::string_view prefix() const = 0;

  /// Sends a binary message, or text that begins with the prefix.
  virtual void send(client_id to, const frame& message) = 0;

  /// Closes a client's connection after everything sent before. `closed` is called later, not
  /// during this call.
  virtual void close(client_id which) = 0;

  /// Migrates a client's connection to another shard at the end of the step, if it is still open.
  virtual void move(client_id which, shard_index to) = 0;

  /// Closes the connection of a client that broke the protocol. `what` is the reason for the log.
  virtual void reject(client_id which, std::string_view what) = 0;

  /// The wall clock in milliseconds since 1970-01-01 00:00 UTC, or nothing if it is unknown.
  [[nodiscard]] virtual std::optional<std::int64_t> wall_now(instant_ms) const {
    return std::nullopt;
  }

  /// Changes the limits.
  virtual void limit(const transport_limits& to) { static_cast<void>(to); }
};

}  // namespace downbeat::socketio
