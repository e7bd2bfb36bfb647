#include "session/seats.hpp"

#include "text/digest.hpp"

#include <algorithm>

namespace downbeat::session {
namespace {

bool is_in(const room& place, const user_id& user) {
  return std::any_of(place.participants.begin(), place.participants.end(),
                     [&](const participant& one) { return one.id == user; });
}

}  // namespace

std::uint64_t seats::digest_of(const user_id& user) {
  digest all;
  all.add(user);
  // The highest number is not for use as a key.
  return all.value() >> 1;
}

room* seats::find(const user_id& user) const {
  if (!alike_.empty()) {
    const auto found = alike_.find(user);
    if (found != alike_.end()) return found->second;
  }
  const auto found = by_digest_.find(digest_(user));
  return found != by_digest_.end() && is_in(*found->second, user) ? found->second : nullptr;
}

void seats::add(const user_id& user, room& where) {
  if (!by_digest_.emplace(digest_(user), &where)) alike_.emplace(user, &where);
}

void seats::move(const user_id& user, room& where) {
  const auto found = alike_.find(user);
  (found != alike_.end() ? found->second : by_digest_.at_key(digest_(user))) = &where;
}

void seats::remove(const user_id& user) {
  if (alike_.erase(user) == 0) by_digest_.erase(digest_(user));
}

}  // namespace downbeat::session
