#pragma once

#include "frame.hpp"
#include "shard.hpp"

#include <cstdint>
#include <string_view>

namespace downbeat::socketio {

/// The number of one client's connection, given by whatever carries Socket.IO.
using client_id = std::uint64_t;

/// What carries Socket.IO: it delivers messages in order, or closes.
class transport {
 public:
  virtual ~transport() = default;

  /// What it has in front of each text message. A message that is made with it at once, and once
  /// for all of its recipients, is not copied any more.
  [[nodiscard]] virtual std::string_view prefix() const = 0;

  /// Sends text that begins with the prefix, or binary.
  virtual void send(client_id to, const frame& message) = 0;

  /// Closes a client's connection, after what was sent. `closed` follows, not during this call.
  virtual void close(client_id which) = 0;

  /// Moves a client's connection to another shard at the end of the step, if it is open by then.
  virtual void move(client_id which, shard_index to) = 0;

  /// The same as `close` for a client that broke the protocol; `what` is for the operator's log.
  virtual void reject(client_id which, std::string_view what) = 0;

  /// What may wait for a client that does not come for it, and for all such, from now on.
  virtual void limit_queues(std::int64_t by_client, std::int64_t in_all) {
    static_cast<void>(by_client);
    static_cast<void>(in_all);
  }
};

}  // namespace downbeat::socketio
