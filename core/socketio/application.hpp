#pragma once

#include "base/frame.hpp"
#include "base/time.hpp"
#include "input.hpp"
#include "migration.hpp"
#include "operations/request.hpp"
#include "shard.hpp"
#include "socketio/socket.hpp"
#include "telemetry/measurement.hpp"
#include "text/sha256.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::socketio {

/// The reason of `application::disconnected` when the server sent DISCONNECT.
inline constexpr std::string_view disconnected_by_server = "server namespace disconnect";

/// The payload of a CONNECT_ERROR packet: why a client may not connect to a namespace.
struct connect_error {
  std::string message;
  std::string data;  ///< JSON, empty without any
};

/// The data of a CONNECT packet and its connection. Valid during the call.
struct connect_request {
  std::string_view nsp;
  std::string_view auth;  ///< a JSON object, `{}` if it gave none
  /// of the transport's first request, still percent-encoded; empty if it is not kept
  std::string_view query;
  std::string_view remote_address;
  std::uint64_t seed;  ///< unpredictable; for this socket's random draws
  /// The resume token in `auth`, see `server::draw_token`; empty if there is none.
  std::string_view resume_token = {};
};

/// The secrets that a client has shown in its CONNECT, and that no socket has.
struct unknown_secrets {
  std::optional<sha256_digest> pid_hash;
  bool is_own_pid = false;  ///< this server drew it
  std::optional<sha256_digest> token_hash;
};

/// An event, or the acknowledgement of one. Valid during the call.
struct message {
  std::string_view name;  ///< of the event; empty for an acknowledgement
  /// Of an event: what follows its name in the array, with the commas between. Empty for an answer.
  std::string_view arguments;
  /// The whole JSON array, compact: an event's name and arguments, or an acknowledgement's
  /// arguments. It has a placeholder for each attachment, and each placeholder's number is valid.
  std::string_view json;
  std::int32_t depth;  ///< nesting depth; the array itself is level 1
  const std::vector<frame>& attachments;
  std::optional<std::uint64_t> ack_id;  ///< of the acknowledgement that the client asks for
};

/// The application on Socket.IO. Its functions are called during `engine::handle` and may call any
/// function of the server. References to sockets are valid during the call.
class application {
 public:
  virtual ~application() = default;

  /// Whether a client may connect to a namespace. Nothing means yes.
  virtual std::optional<connect_error> admit(const connect_request& request) = 0;
  /// Makes the state to keep for a client from its first namespace on until its connection ends.
  virtual std::unique_ptr<client_memory> remember(const connect_request&) { return nullptr; }
  /// A client has connected; the answer to its CONNECT has been sent.
  virtual void connected(instant_ms now, const socket& socket, const connect_request& request) = 0;
  virtual void received(instant_ms now, const socket& socket, const message& event) = 0;
  /// The client has acknowledged an event of the server.
  virtual void acknowledged(const socket& socket, std::uint64_t ack_id, const message& answer) = 0;
  /// The socket has left its rooms and is about to be removed. `reason` is Socket.IO's text.
  virtual void disconnected(instant_ms now, const socket& socket, std::string_view reason) = 0;

  // Recovery, with `options::recovers`: a socket may outlive its connection.

  /// The connection of a socket is lost, and the socket has left its rooms. Returns whether the
  /// server keeps the socket for a client that shows its `pid`, until `server::forget`; otherwise
  /// it is about to be removed.
  virtual bool lost(instant_ms now, const socket& socket, std::string_view reason) {
    disconnected(now, socket, reason);
    return false;
  }
  /// Whether a client that shows the `pid` of this socket may not have it, for what else its
  /// CONNECT says. The client gets a new socket then, and this one stays as it is.
  virtual bool refuses_recovery(instant_ms, const socket&, const connect_request&) { return false; }
  /// Whether a client that shows the `pid` of this socket can have it now. Otherwise the client
  /// waits until `server::retry_claims`.
  virtual bool may_recover(instant_ms, const socket&) { return true; }
  /// Whether a socket that is not known may exist nevertheless, which a client asks for that has
  /// waited for `waited_ms`. It then waits until `server::retry_claims` of `unknown_socket`, or is
  /// closed after a while and comes again.
  virtual bool may_know_later(instant_ms /*now*/, std::int64_t /*waited_ms*/) { return false; }
  /// Another client has shown the `pid` of a socket whose connection is open. The socket still
  /// belongs to that connection, which will be closed.
  virtual void taken_over(instant_ms, const socket&) {}
  /// A client is about to recover a socket, which is its own and in its namespace from now on. What
  /// is emitted to it during this call comes before the answer to its CONNECT.
  virtual void recovering(instant_ms, const socket&, const connect_request&) {}
  /// A client has recovered a socket; the answer to its CONNECT has been sent. `was_connected`
  /// means that it was taken over and is still in its rooms.
  virtual void recovered(instant_ms, const socket&, const connect_request&, bool was_connected) {
    static_cast<void>(was_connected);
  }
  /// A client that has just connected has shown secrets that no socket has.
  virtual void not_recovered(instant_ms, const socket&, const unknown_secrets&) {}

  /// With several shards: clients that show a `pid` go to the shard where it was drawn, which must
  /// know that the socket is on this one, or no longer anywhere. The application tells it by
  /// `server::set_shard_of_pid` there. Without `tell`, all shards must know.
  virtual void pid_moved(std::optional<shard_index> tell, const sha256_digest& pid_hash,
                         bool is_here) {
    static_cast<void>(tell);
    static_cast<void>(pid_hash);
    static_cast<void>(is_here);
  }

  /// The next time at which the application needs `deadline_reached`. The server asks at the end of
  /// each step.
  [[nodiscard]] virtual std::optional<instant_ms> next_deadline() const { return std::nullopt; }
  /// A deadline has passed, of the application or of another layer.
  virtual void deadline_reached(instant_ms) {}

  // See engineio::application for these.

  virtual void room_restored(std::string_view snapshot) { static_cast<void>(snapshot); }
  virtual void restore_finished(instant_ms) {}
  [[nodiscard]] virtual bool can_restore(std::string_view snapshot) const {
    static_cast<void>(snapshot);
    return false;
  }
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
  /// Executes a command.
  virtual std::string carry_out(instant_ms, const operations::command& what) {
    return operations::failure("nobody can " + what.what + " here", "invalid_request");
  }

  // Migration between shards. An application that never moves a socket does not need these
  // functions.

  /// The socket migrates to another shard. Returns the application's state of it and forgets it
  /// here.
  virtual std::unique_ptr<migrated_state> detach(instant_ms, const socket&) { return nullptr; }
  /// A socket has migrated here, with the state from `detach`. It is in no room yet.
  virtual void attach(instant_ms, const socket&, std::unique_ptr<migrated_state>) {}
  /// Read the state of a socket and the memory of a client from a trace, which may contain
  /// anything. Null if the text is invalid.
  [[nodiscard]] virtual std::unique_ptr<migrated_state> read_migrated(const socket&,
                                                                      std::string_view) const {
    return nullptr;
  }
  [[nodiscard]] virtual std::unique_ptr<client_memory> read_memory(std::string_view) const {
    return nullptr;
  }
  /// A message from the application on another shard, as compact JSON.
  virtual void on_shard_message(instant_ms, shard_index, std::string_view) {}
  /// Whether a text from a trace is a valid message.
  [[nodiscard]] virtual bool can_read(std::string_view shard_message) const {
    return shard_message.empty();
  }

  /// Appends the application's metrics.
  virtual void measure(instant_ms now, std::vector<measurement>& into) const = 0;
  /// The application's state as JSON, for people and tests.
  [[nodiscard]] virtual std::string snapshot() const { return "null"; }
};

}  // namespace downbeat::socketio
