#pragma once

#include "id_map.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"

#include <cstddef>
#include <cstdint>
#include <map>

namespace downbeat::session {

/// Which room a user is in. Users are found by a digest of their id; the id itself stands in the
/// room, and so it need not be kept a second time for each of a million users.
class seats {
 public:
  /// What users are found by; a test takes one that is not as good.
  using digest_function = std::uint64_t (*)(const user_id& user);

  explicit seats(digest_function digest = digest_of) : digest_(digest) {}

  /// The room of a user, or null.
  [[nodiscard]] room* find(const user_id& user) const;
  /// A user, who was in no room, is in this one; its participants say so already.
  void add(const user_id& user, room& where);
  /// A user, who was in another room, is in this one; the participants of both say so.
  void move(const user_id& user, room& where);
  /// A user is in no room any more; the participants still say so.
  void remove(const user_id& user);

  [[nodiscard]] std::size_t size() const { return by_digest_.size() + alike_.size(); }

 private:
  static std::uint64_t digest_of(const user_id& user);

  digest_function digest_;
  id_map<room*> by_digest_;
  /// Those who came when somebody with the same digest was there.
  std::map<user_id, room*> alike_;
};

}  // namespace downbeat::session
