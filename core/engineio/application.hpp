#pragma once

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "input.hpp"
#include "migration.hpp"
#include "operations/request.hpp"
#include "shard.hpp"
#include "telemetry/measurement.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::engineio {

/// The server's number for one Engine.IO connection, in the order of the handshakes. It stays when
/// the transport changes, is never used twice, and clients do not see it.
using connection_id = std::uint64_t;

/// Why a connection closed. `to_string` gives Engine.IO's text.
enum class close_reason : std::uint8_t {
  transport_closed,  ///< the peer closed it, or it was lost
  transport_error,   ///< the peer broke a rule of its transport
  parse_error,       ///< the client sent invalid packets
  ping_timeout,      ///< the peer did not answer a ping
  slow_reader,       ///< the client did not fetch or read what was sent to it
  forced_close,      ///< the application closed it
  server_shutdown,   ///< the host is stopping
};

std::string_view to_string(close_reason reason);

/// Whether the server closed the connection although the client made no error.
constexpr bool is_ordered(close_reason reason) {
  return reason == close_reason::forced_close || reason == close_reason::server_shutdown;
}

/// The data of a new connection. Valid during the call.
struct handshake {
  std::string_view query;           ///< of the first request, still percent-encoded
  std::string_view remote_address;  ///< of the peer
  const entropy& fresh;             ///< the bytes of `engineio_sid` are used already
};

/// The layer above Engine.IO. Its functions are called during `engine::handle` and may send and
/// close through the server.
class application {
 public:
  virtual ~application() = default;

  virtual void opened(instant_ms now, connection_id connection, const handshake& handshake) = 0;
  /// A message arrived. `data` is valid during the call; text is valid UTF-8.
  virtual void received(instant_ms now, connection_id connection, bool is_binary,
                        std::string_view data) = 0;
  /// The connection and its number are gone. Called once, at the end of the step, also for
  /// connections that the application closed.
  virtual void closed(instant_ms now, connection_id connection, close_reason reason) = 0;

  /// The next time at which the application needs `deadline_reached`.
  [[nodiscard]] virtual std::optional<instant_ms> next_deadline() const = 0;
  virtual void deadline_reached(instant_ms now) = 0;

  /// A room from the journal, and the end of them; see `input::room_restored`.
  virtual void room_restored(std::string_view snapshot) { static_cast<void>(snapshot); }
  virtual void restore_finished(instant_ms) {}
  /// Whether a text from a trace is a room that can be restored.
  [[nodiscard]] virtual bool can_restore(std::string_view snapshot) const {
    static_cast<void>(snapshot);
    return false;
  }

  /// The host stops now. Called before the connections are closed.
  virtual void shutting_down() {}

  /// The host's answer to an append of the application's journal.
  virtual void append_answered(instant_ms, const input::append_answered&) {}

  /// Several nodes; see the inputs of these names.
  virtual void nodes_changed(instant_ms, const input::nodes_changed&) {}
  virtual void room_appended(instant_ms, const input::room_appended&) {}
  virtual void room_replaced(instant_ms, const input::room_replaced&) {}
  virtual void relay_received(instant_ms, const input::relay_received&) {}

  /// The server will stop within this many milliseconds.
  virtual void draining(instant_ms, std::uint64_t within_ms) { static_cast<void>(within_ms); }
  /// The settings have changed, see `input::options_changed`.
  virtual void options_changed(instant_ms, std::string_view json) { static_cast<void>(json); }

  // Operators' requests; they return JSON, see operations/request.hpp.

  /// One page of a list of the application.
  virtual std::string answer(instant_ms, const operations::query& what) {
    return operations::failure("there is no list of " + what.what, "invalid_request");
  }
  virtual std::string carry_out(instant_ms, const operations::command& what) {
    return operations::failure("nobody can " + what.what + " here", "invalid_request");
  }

  // Migration between shards. An application that never moves a connection does not need these.

  /// The connection migrates to another shard. Returns the application's state of it and forgets it
  /// here.
  virtual std::unique_ptr<migrated_state> detach(instant_ms, connection_id) { return nullptr; }
  /// A connection has migrated here, with the state from `detach`.
  virtual void attach(instant_ms, connection_id, std::unique_ptr<migrated_state>) {}
  /// Reads the state of a connection from a trace. Null if the text is invalid or conflicts with
  /// the state here.
  [[nodiscard]] virtual std::unique_ptr<migrated_state> read_migrated(connection_id,
                                                                      std::string_view) const {
    return nullptr;
  }
  /// A message from the application on another shard, as compact JSON.
  virtual void on_shard_message(instant_ms, shard_index, std::string_view) {}
  /// Whether a text from a trace is a valid message.
  [[nodiscard]] virtual bool can_read(std::string_view shard_message) const {
    return shard_message.empty();
  }

  /// The bytes that the application keeps for a connection's client.
  [[nodiscard]] virtual std::int64_t retained_bytes(connection_id) const { return 0; }
  /// The most bytes for one client, and for this number of clients. Nothing if there is no limit.
  [[nodiscard]] virtual std::optional<std::int64_t> retained_bytes_limit() const { return 0; }
  [[nodiscard]] virtual std::optional<std::int64_t> retained_bytes_limit_in_all(
      std::int64_t connections) const {
    static_cast<void>(connections);
    return 0;
  }

  /// Appends the application's metrics.
  virtual void measure(instant_ms now, std::vector<measurement>& into) const = 0;
  /// The application's state as a JSON object, for people and tests.
  [[nodiscard]] virtual std::string snapshot() const { return "{}"; }
};

}  // namespace downbeat::engineio
