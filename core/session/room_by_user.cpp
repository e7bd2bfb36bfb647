#include "session/room_by_user.hpp"

#include "text/fnv1a.hpp"

#include <algorithm>

namespace downbeat::session {
namespace {

bool has_seat_for(const room& place, const user_id& user) {
  return std::any_of(place.participants.begin(), place.participants.end(),
                     [&](const participant& one) { return one.id == user; });
}

}  // namespace

std::uint64_t room_by_user::hash_of(const user_id& user) {
  fnv1a all;
  all.add(user);
  // The highest number cannot be a key of `id_map`.
  return all.value() >> 1;
}

room* room_by_user::find(const user_id& user) const {
  if (!collisions_.empty()) {
    const auto found = collisions_.find(user);
    if (found != collisions_.end()) return found->second;
  }
  const auto found = by_hash_.find(hash_(user));
  return found != by_hash_.end() && has_seat_for(*found->second, user) ? found->second : nullptr;
}

void room_by_user::add(const user_id& user, room& where) {
  if (!by_hash_.emplace(hash_(user), &where)) collisions_.emplace(user, &where);
}

void room_by_user::move(const user_id& user, room& where) {
  const auto found = collisions_.find(user);
  (found != collisions_.end() ? found->second : by_hash_.at_key(hash_(user))) = &where;
}

void room_by_user::remove(const user_id& user) {
  if (collisions_.erase(user) == 0) by_hash_.erase(hash_(user));
}

}  // namespace downbeat::session
