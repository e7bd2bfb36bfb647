#pragma once

#include "base/id_map.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"

#include <cstddef>
#include <cstdint>
#include <map>

namespace downbeat::session {

/// Maps users to their rooms. It finds users by a digest of their id. The id itself is in the
/// room's list, so it is not stored a second time for each of a million users.
class room_by_user {
 public:
  /// The digest function. Tests use one with collisions.
  using hash_function = std::uint64_t (*)(const user_id& user);

  explicit room_by_user(hash_function hash = hash_of) : hash_(hash) {}

  /// The room that a user is in, or null.
  [[nodiscard]] room* find(const user_id& user) const;
  /// Adds a user who was in no room. The room's participants must include the user already.
  void add(const user_id& user, room& where);
  /// Changes a user's room. The participants of both rooms must include the user.
  void move(const user_id& user, room& where);
  /// Removes a user. The room's participants must still include the user.
  void remove(const user_id& user);

  [[nodiscard]] std::size_t size() const { return by_hash_.size() + collisions_.size(); }

 private:
  static std::uint64_t hash_of(const user_id& user);

  hash_function hash_;
  id_map<room*> by_hash_;
  /// Users whose digest another user had already.
  std::map<user_id, room*> collisions_;
};

}  // namespace downbeat::session
