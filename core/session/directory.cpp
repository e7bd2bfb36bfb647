#include "session/directory.hpp"

#include "entropy.hpp"
#include "session/room_code.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::session {
namespace {

template <class Container>
std::int64_t count_of(const Container& container) {
  return static_cast<std::int64_t>(container.size());
}

bool is_full(std::int64_t count, std::int64_t limit) {
  return limit != 0 && count >= limit;
}

/// The room of a code as somebody typed it, or null; const where the rooms are.
template <class Rooms>
auto* look_up(Rooms& rooms, std::string_view code) {
  const std::optional<room_key> key = fold(code);
  const auto found = key ? rooms.find(*key) : rooms.end();
  return found == rooms.end() ? nullptr : &found->second;
}

/// Those of others who are on the way are taken, too.
std::int64_t taken_seats(const room& place) {
  return count_of(place.participants) + place.held_seats;
}

/// The user must be in the room.
std::vector<participant>::iterator find_in(room& place, const user_id& user) {
  return std::find_if(place.participants.begin(), place.participants.end(),
                      [&](const participant& candidate) { return candidate.id == user; });
}

/// The quotient of a number and a positive one.
std::int64_t rounded_down(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

directory::directory(const limits& limits, shard here) : limits_(limits), here_(here) {
  if (limits.max_sessions != 0) max_sessions_ = here.part_of(limits.max_sessions);
}

void directory::limit(const limits& to) {
  std::int64_t borrowed = max_sessions_ ? *max_sessions_ - here_.part_of(limits_.max_sessions) : 0;
  // What was lent to other shards, or borrowed from them, stays so. If the limit is lower now, it
  // is less in proportion: a shard would have lent more than it has, and the others could go beyond
  // the limit with that. Rounding down may cost each shard one session.
  if (to.max_sessions < limits_.max_sessions) {
    borrowed = rounded_down(borrowed * to.max_sessions, limits_.max_sessions);
  }
  limits_ = to;
  max_sessions_.reset();
  if (to.max_sessions != 0) max_sessions_ = here_.part_of(to.max_sessions) + borrowed;
}

std::vector<any_event> directory::apply(const any_command& command) {
  events out;
  // More than this is rare.
  out.reserve(3);
  std::visit([&](const auto& which) { carry_out(which, out); }, command);
  return out;
}

std::int64_t directory::session_count() const {
  return count_of(rooms_);
}

std::int64_t directory::participant_count() const {
  return static_cast<std::int64_t>(seats_.size());
}

const room* directory::room_of(const user_id& user) const {
  return seat_of(user);
}

const room* directory::find(std::string_view code) const {
  return look_up(rooms_, code);
}

room* directory::seat_of(const user_id& user) const {
  return seats_.find(user);
}

bool directory::may_create(const user_id& user) const {
  if (!max_sessions_) return true;
  const room* const before = seat_of(user);
  // Somebody who was alone takes the place of the session that ends with the change.
  const bool ends_before =
      before != nullptr && before->participants.size() == 1 && before->held_seats == 0;
  return session_count() - (ends_before ? 1 : 0) < *max_sessions_;
}

std::int64_t directory::lend_sessions() {
  if (!max_sessions_ || *max_sessions_ <= session_count()) return 0;
  const std::int64_t spare = *max_sessions_ - session_count();
  const std::int64_t lent = spare - spare / 2;
  *max_sessions_ -= lent;
  return lent;
}

void directory::borrow_sessions(std::int64_t count) {
  if (max_sessions_) *max_sessions_ += count;
}

void directory::carry_out(const command::create& command, events& out) {
  room* const before = seat_of(command.user);
  if (!may_create(command.user)) {
    out.push_back(event::refused{command.user, refusal::server_full, {}});
    return;
  }
  room* const opened = open_room(command.seed, command.is_guarded);
  if (opened == nullptr) {
    out.push_back(event::refused{command.user, refusal::server_full, {}});
    return;
  }
  opened->participants.push_back({command.user, command.name, command.instrument});
  before == nullptr ? seats_.add(command.user, *opened) : seats_.move(command.user, *opened);
  out.push_back(event::created{command.user, opened->code});
  if (before != nullptr) vacate(*before, command.user, out);
}

void directory::carry_out(const command::join& command, events& out) {
  room* const before = seat_of(command.user);
  room* const target = look_up(rooms_, command.code);
  if (target == nullptr) {
    out.push_back(event::refused{command.user, refusal::session_not_found, command.code});
    return;
  }
  if (target == before) {
    out.push_back(
        event::joined{command.user, target->code, target->participants, target->host(), true});
    return;
  }
  if (const auto held = held_seats_.find(command.user);
      held != held_seats_.end() && held->second == target) {
    held_seats_.erase(held);
    --target->held_seats;
  } else if (is_full(taken_seats(*target), limits_.max_participants)) {
    out.push_back(event::refused{command.user, refusal::session_full, command.code});
    return;
  }
  target->participants.push_back({command.user, command.name, command.instrument});
  before == nullptr ? seats_.add(command.user, *target) : seats_.move(command.user, *target);
  out.push_back(
      event::joined{command.user, target->code, target->participants, target->host(), false});
  out.push_back(event::user_joined{target->code, target->participants.back()});
  if (before != nullptr) vacate(*before, command.user, out);
}

void directory::carry_out(const command::leave& command, events& out) {
  room* const place = seat_of(command.user);
  if (place == nullptr || place != find(command.code)) {
    out.push_back(event::refused{command.user, refusal::not_in_session, command.code});
    return;
  }
  seats_.remove(command.user);
  vacate(*place, command.user, out);
}

void directory::carry_out(const command::update& command, events& out) {
  room* const place = seat_of(command.user);
  if (place == nullptr) {
    out.push_back(event::refused{command.user, refusal::not_in_session, {}});
    return;
  }
  participant& self = *find_in(*place, command.user);
  if (command.name) self.name = *command.name;
  if (command.instrument) self.instrument = *command.instrument;
  out.push_back(event::user_updated{place->code, self});
}

void directory::carry_out(const command::hold_seat& command, events& out) {
  room* const target = look_up(rooms_, command.code);
  if (target == nullptr) {
    out.push_back(event::refused{command.user, refusal::session_not_found, command.code});
  } else if (is_full(taken_seats(*target), limits_.max_participants)) {
    out.push_back(event::refused{command.user, refusal::session_full, command.code});
  } else {
    ++target->held_seats;
    held_seats_.emplace(command.user, target);
    out.push_back(event::seat_held{command.user});
  }
}

void directory::carry_out(const command::free_seat& command, events& out) {
  const auto held = held_seats_.find(command.user);
  if (held == held_seats_.end()) return;
  room& place = *held->second;
  held_seats_.erase(held);
  --place.held_seats;
  close_if_empty(place, out);
}

void directory::carry_out(const command::disconnect& command, events& out) {
  room* const place = seat_of(command.user);
  if (place == nullptr) return;
  seats_.remove(command.user);
  vacate(*place, command.user, out);
}

room* directory::open_room(std::uint64_t seed, bool is_guarded) {
  const code_stage* stage = stage_for((session_count() + 1) * here_.count);
  if (stage == nullptr) return nullptr;
  if (is_guarded) stage = &code_stages().back();
  splitmix64 random(seed);
  // At most one code in a hundred is live, and so this soon ends.
  for (;;) {
    std::string code = draw_code(*stage, random);
    room_key key = *fold(code);
    if (shard_of(key, here_.count) != here_.index) continue;
    const auto [place, is_unused] = rooms_.try_emplace(std::move(key));
    if (!is_unused) continue;
    room& opened = place->second;
    opened.code = std::move(code);
    opened.number = ++rooms_ever_;
    opened.stage = static_cast<std::uint32_t>(stage - code_stages().data());
    ++live_by_stage_[opened.stage];
    return &opened;
  }
}

void directory::vacate(room& place, const user_id& user, events& out) {
  const auto leaving = find_in(place, user);
  const bool was_host = leaving == place.participants.begin();
  place.participants.erase(leaving);
  out.push_back(event::user_left{place.code, user});
  if (close_if_empty(place, out)) return;
  if (was_host && !place.participants.empty()) {
    out.push_back(event::host_changed{place.code, place.host()});
  }
}

bool directory::close_if_empty(room& place, events& out) {
  if (!place.participants.empty() || place.held_seats != 0) return false;
  out.push_back(event::room_closed{place.code});
  --live_by_stage_[place.stage];
  rooms_.erase(*fold(place.code));
  return true;
}

std::pair<std::int64_t, std::int64_t> directory::live_and_possible(std::string_view code) const {
  const std::optional<room_key> key = fold(code);
  const code_stage* const stage = key ? stage_of(*key) : nullptr;
  if (stage == nullptr) return {0, 0};
  // A guess at this shard's codes finds one of its own rooms, among its part of the codes.
  return {live_by_stage_[static_cast<std::size_t>(stage - code_stages().data())] * here_.count,
          stage->possible_codes()};
}

std::vector<const room*> directory::rooms() const {
  std::vector<const room*> all;
  all.reserve(rooms_.size());
  for (const auto& [key, place] : rooms_) all.push_back(&place);
  std::sort(all.begin(), all.end(),
            [](const room* a, const room* b) { return a->number < b->number; });
  return all;
}

}  // namespace downbeat::session
