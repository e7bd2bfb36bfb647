#pragma once

#include "socketio/socket.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::socketio {

/// The sockets that receive the same broadcasts. A room exists as long as it has members.
struct room {
  std::string_view name;         ///< points to the adapter's key
  std::vector<socket*> members;  ///< in the order of joining
};

/// The members of one namespace and its rooms (Socket.IO's adapter). It determines the recipients
/// of a broadcast.
///
/// Each socket's `rooms` and each room's `members` always agree. The id of a socket also works as
/// the name of a room with this socket alone.
class adapter {
 public:
  void add(socket& s);
  /// Removes the socket from all its rooms and from the namespace.
  void remove(socket& s);

  /// Adds the socket to a room, which is created if necessary.
  void join(socket& s, std::string_view room_name);
  void leave(socket& s, std::string_view room_name);

  [[nodiscard]] socket* find(std::string_view id) const;

  /// The sockets in any of these rooms, each once, except `except`. Without room names, all sockets
  /// of the namespace. For a single room in the order of joining, otherwise in the order of
  /// connecting. Valid until the next call.
  const std::vector<socket*>& recipients(std::span<const std::string_view> rooms,
                                         const socket* except);

  [[nodiscard]] bool is_empty() const { return sockets_.empty(); }
  [[nodiscard]] std::size_t room_count() const { return rooms_.size(); }

 private:
  void collect(std::string_view room_name, const socket* except);
  void remove_member(room& from, socket& s);

  std::map<socket_number, socket*> sockets_;
  std::unordered_map<std::string_view, socket*> by_id_;
  std::unordered_map<std::string, room> rooms_;
  std::vector<socket*> recipients_;
};

}  // namespace downbeat::socketio
