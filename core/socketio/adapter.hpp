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

/// Sockets that receive the same broadcasts. It exists as long as it has members.
struct room {
  std::string_view name;         ///< stands where the adapter keeps the room
  std::vector<socket*> members;  ///< in the order of joining
};

/// Who is in one namespace and in its rooms, and so who receives a broadcast.
///
/// A socket's `rooms` and a room's `members` mirror each other. Every socket can also be reached
/// by its id, as if that named a room with the socket alone.
class adapter {
 public:
  void add(socket& s);
  /// The socket leaves all of its rooms, and the namespace.
  void remove(socket& s);

  void join(socket& s, std::string_view room_name);
  void leave(socket& s, std::string_view room_name);

  [[nodiscard]] socket* find(std::string_view id) const;

  /// The sockets in any of the rooms, or everyone if no room is named; each once, less those to
  /// be left out. A single room's come in the order of joining, otherwise in that of connecting.
  /// The result is valid until the next call.
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
