#pragma once

#include "base/time.hpp"
#include "socketio/placeholder.hpp"
#include "socketio/socket.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::conformance {

/// Who gets an event: the members of any of the rooms, or all if there is none, but no member of an
/// excepted room. The id of each socket is a room, too.
struct audience {
  std::vector<std::string> rooms;
  std::vector<std::string> except;

  [[nodiscard]] bool includes(const std::vector<std::string>& rooms_of_socket) const;
};

/// What a lost socket was, for the client that recovers it.
struct session {
  std::vector<std::string> rooms;
  instant_ms lost_at = 0;
};

/// A socket of the namespace, connected or with a session.
struct member {
  std::vector<std::string> rooms;  ///< in the order of joining, first its id; of a connected socket
  std::string data = "{}";         ///< JSON, of the application; it outlives the connection
  bool is_connected = true;
  bool was_recovered = false;
  /// Of the last loss. It stays after a recovery, so that the socket can be recovered from it
  /// again, even when it has left the namespace since.
  std::optional<conformance::session> session;
};

/// The rooms, the sessions and the emitted events of one namespace, as the reference server keeps
/// them in memory for connection state recovery. Bounded by time alone, for tests only.
class session_adapter {
 public:
  explicit session_adapter(std::int64_t max_disconnection_ms) : max_ms_(max_disconnection_ms) {}

  // Sockets.

  void connect(socketio::socket_number number, const std::string& id);
  [[nodiscard]] member& at(socketio::socket_number number) { return members_.at(number); }
  void join(socketio::socket_number number, const std::string& room);
  void leave(socketio::socket_number number, const std::string& room);
  /// The connection is lost; the socket can be recovered.
  void lose(instant_ms now, socketio::socket_number number);
  /// The socket is over, but for the session that it may have of an earlier loss. Returns whether
  /// it has one.
  bool disconnect(socketio::socket_number number);
  /// A disconnected socket with a session has another number from now on.
  void renumber(socketio::socket_number from, socketio::socket_number to);
  /// Whether there is a session that has not expired, and an event with this offset.
  [[nodiscard]] bool can_recover(instant_ms now, socketio::socket_number number,
                                 std::string_view offset) const;
  /// Connects a socket again, in the rooms of its session. Returns the events that it has missed
  /// since the one with this offset.
  std::vector<const socketio::payload*> recover(socketio::socket_number number,
                                                std::string_view offset);

  // Events.

  void store(instant_ms now, std::string offset, audience to, socketio::payload event);
  /// The connected sockets that get an event.
  [[nodiscard]] std::vector<socketio::socket_number> recipients(const audience& to) const;

  /// Drops expired sessions and events. Returns the sockets that can no longer be recovered.
  std::vector<socketio::socket_number> sweep(instant_ms now);

 private:
  struct stored_event {
    std::string offset;
    audience to;
    socketio::payload event;
    instant_ms emitted_at;
  };

  [[nodiscard]] std::vector<stored_event>::const_iterator find(std::string_view offset) const;

  std::int64_t max_ms_;
  std::map<socketio::socket_number, member> members_;
  std::vector<stored_event> events_;  ///< in the order of emitting
};

}  // namespace downbeat::conformance
