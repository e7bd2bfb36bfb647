#pragma once

#include "entropy.hpp"
#include "input.hpp"
#include "measurement.hpp"
#include "shard.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::engineio {

/// The core's number for one Engine.IO connection, which outlives its transports. In the order of
/// the handshakes, never used twice, and known to nobody outside.
using connection_id = std::uint64_t;

/// Why a connection closed, in the words that Engine.IO uses.
enum class close_reason : std::uint8_t {
  transport_closed,  ///< the peer closed it, or it was lost
  transport_error,   ///< the peer broke a rule of its transport
  parse_error,       ///< the peer sent what is not a packet
  ping_timeout,      ///< the peer did not answer a ping
  slow_reader,       ///< the peer did not come for what was sent to it
  forced_close,      ///< the application closed it
  server_shutdown,   ///< the host is stopping
};

std::string_view to_string(close_reason reason);

/// Whether this side closed the connection without any fault of the peer's.
constexpr bool is_ordered(close_reason reason) {
  return reason == close_reason::forced_close || reason == close_reason::server_shutdown;
}

/// What the application learns of a new connection. Views are borrowed for the call.
struct handshake {
  std::string_view query;           ///< of the first request, still percent-encoded
  std::string_view remote_address;  ///< of the peer
  const entropy& fresh;             ///< of which the first twelve bytes are already spent
};

/// What rides on Engine.IO. The calls come from inside `engine::handle`; every one of them may
/// send and close through the server.
class application {
 public:
  virtual ~application() = default;

  virtual void opened(instant_ms now, connection_id connection, const handshake& handshake) = 0;
  /// A message arrived; `data` is borrowed for the call. Text is valid UTF-8.
  virtual void received(instant_ms now, connection_id connection, bool is_binary,
                        std::string_view data) = 0;
  /// The connection is gone, and so is its number. Called once, also for those the application
  /// itself has closed, at the end of the step in which it happened.
  virtual void closed(connection_id connection, close_reason reason) = 0;

  /// The next time at which the application has something to do by itself.
  [[nodiscard]] virtual std::optional<instant_ms> next_deadline() const = 0;
  virtual void deadline_reached(instant_ms now) = 0;

  /// The host will stop within this time.
  virtual void draining(std::uint64_t within_ms) { static_cast<void>(within_ms); }
  /// Settings are others from now on.
  virtual void options_changed(std::string_view json) { static_cast<void>(json); }

  // With several shards. Applications that never move a connection need none of these.

  /// The connection moves to another shard: all that is known of it, which is to be forgotten here.
  virtual std::unique_ptr<luggage> pack(connection_id) { return nullptr; }
  /// A connection moved here, with what another shard has packed.
  virtual void unpack(instant_ms, connection_id, std::unique_ptr<luggage>) {}
  /// Another shard said something.
  virtual void told(instant_ms, shard_index, const between_shards::message&) {}

  /// Adds what an operator may want to know of the application's state.
  virtual void measure(std::vector<measurement>& into) const = 0;
  /// The application's state as a JSON object, for people who look on.
  [[nodiscard]] virtual std::string snapshot() const { return "{}"; }
};

}  // namespace downbeat::engineio
