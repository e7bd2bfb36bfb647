#include "session/directory.hpp"

#include "base/entropy.hpp"
#include "base/heap_sort.hpp"
#include "session/evolve.hpp"
#include "session/room_code.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace downbeat::session {
namespace {

template <class Container>
std::int64_t size_of(const Container& container) {
  return static_cast<std::int64_t>(container.size());
}

/// The room of a code as a user typed it, or null. Const if `rooms` is const.
template <class Rooms>
auto* look_up(Rooms& rooms, std::string_view code) {
  const std::optional<canonical_code> key = canonicalize(code);
  const auto found = key ? rooms.find(*key) : rooms.end();
  return found == rooms.end() ? nullptr : &found->second;
}

/// More sessions than there can be. What is limited, lent and borrowed is not counted beyond it, so
/// that no sum or product of them passes 64 bits.
constexpr std::int64_t most = std::int64_t{1} << 31;

limits bounded(limits given) {
  given.max_sessions = std::min(given.max_sessions, most);
  return given;
}

/// Nodes number their rooms in as many different ways.
constexpr std::int64_t number_slots = 4'096;

/// Division that rounds towards negative infinity. `by` must be positive.
std::int64_t rounded_down(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

directory::directory(const limits& limits, shard here) : limits_(bounded(limits)), here_(here) {
  if (limits_.max_sessions != 0) max_sessions_ = here.part_of(limits_.max_sessions);
}

void directory::limit(const limits& given) {
  const limits to = bounded(given);
  std::int64_t borrowed = max_sessions_ ? *max_sessions_ - here_.part_of(limits_.max_sessions) : 0;
  // What this shard has lent to others or borrowed from them stays so. A lower limit reduces it in
  // proportion: otherwise a shard could have lent more than its part, and the borrowers could
  // exceed the limit. Rounding down may cost each shard one session.
  if (to.max_sessions < limits_.max_sessions) {
    borrowed = rounded_down(borrowed * to.max_sessions, limits_.max_sessions);
  }
  limits_ = to;
  max_sessions_.reset();
  if (to.max_sessions != 0) max_sessions_ = here_.part_of(to.max_sessions) + borrowed;
}

void directory::number_for(node_id node) {
  number_slot_ = static_cast<std::int64_t>(node % number_slots);
}

std::int64_t directory::next_number() const {
  if (!number_slot_) return rooms_ever_ + 1;
  return (rooms_ever_ / number_slots + 1) * number_slots + *number_slot_;
}

std::int64_t directory::session_count() const {
  return size_of(rooms_);
}

std::int64_t directory::participant_count() const {
  return static_cast<std::int64_t>(room_by_user_.size());
}

const room* directory::room_of(const user_id& user) const {
  return room_by_user_.find(user);
}

std::vector<std::string> directory::other_rooms_of(const user_id& user) const {
  std::vector<std::string> codes;
  const auto also = also_in_.find(user);
  if (also == also_in_.end()) return codes;
  for (const room* const one : also->second) codes.push_back(one->code);
  return codes;
}

const room* directory::find(std::string_view code) const {
  return look_up(rooms_, code);
}

bool directory::may_create(const user_id& user) const {
  if (!max_sessions_) return true;
  const room* const before = room_by_user_.find(user);
  // A user who is alone in a session replaces it: that session ends when the new one begins.
  const bool ends_before = may_exchange_ && before != nullptr && before->participants.size() == 1 &&
                           before->reservations == 0;
  return session_count() + about_to_be_created_ - (ends_before ? 1 : 0) < *max_sessions_;
}

std::int64_t directory::lend_sessions() {
  const std::int64_t used = session_count() + about_to_be_created_;
  if (!max_sessions_ || *max_sessions_ <= used) return 0;
  const std::int64_t spare = *max_sessions_ - used;
  const std::int64_t lent = spare - spare / 2;
  *max_sessions_ -= lent;
  return lent;
}

void directory::borrow_sessions(std::int64_t count) {
  if (max_sessions_) *max_sessions_ = std::min(*max_sessions_ + std::min(count, most), 2 * most);
}

// Deciding commands into events.

decision directory::decide(const any_command& command) const {
  return std::visit([&](const auto& which) { return decide_on(which); }, command);
}

decision directory::decide_on(const command::create& command) const {
  if (!may_create(command.user)) return refused{refusal::server_full, {}};
  const code_format* format =
      format_for((session_count() + about_to_be_created_ + 1) * here_.count);
  if (format == nullptr) return refused{refusal::server_full, {}};
  if (command.needs_longest_code) format = &code_formats().back();
  splitmix64 random(command.seed);
  // At most one code in a hundred is live, so this loop ends soon.
  for (;;) {
    std::string code = draw_code(*format, random);
    const canonical_code key = *canonicalize(code);
    if (shard_of(key, here_.count) != here_.index) continue;
    if (rooms_.count(key) != 0) continue;
    if (!withheld_.empty() && withheld_.count(key) != 0) continue;
    std::vector<any_event> events;
    events.push_back(event::created{
        std::move(code),
        next_number(),
        static_cast<std::uint32_t>(format - code_formats().data()),
        {command.user, command.name, command.instrument, command.move, false, 0, command.pid_hash,
         command.token_hash, first_request(carried_out_request::kind::create, command.request_id),
         command.node}});
    return events;
  }
}

decision directory::decide_on(const command::join& command) const {
  const room* const target = find(command.code);
  if (target == nullptr) return refused{refusal::session_not_found, command.code};
  std::vector<any_event> events = decide_join(*target, command);
  if (!events.empty() && !has_reservation(command.user, target->code) && is_full(*target)) {
    return refused{refusal::session_full, command.code};
  }
  return events;
}

decision directory::decide_on(const command::leave& command) const {
  const room* const place = room_by_user_.find(command.user);
  if (place == nullptr || place != find(command.code)) {
    return refused{refusal::not_in_session, command.code};
  }
  return decide_departure(*place, command.user, departure::left);
}

decision directory::decide_on(const command::update& command) const {
  return decide_update(room_by_user_.find(command.user), command);
}

decision directory::decide_on(const command::reserve& command) const {
  const room* const target = find(command.code);
  if (target == nullptr) return refused{refusal::session_not_found, command.code};
  if (!has_reservation(command.user, target->code) && is_full(*target)) {
    return refused{refusal::session_full, command.code};
  }
  return std::vector<any_event>();
}

decision directory::decide_on(const command::cancel_reservation&) const {
  return std::vector<any_event>();
}

decision directory::decide_on(const command::disconnect& command) const {
  const room* const place = room_by_user_.find(command.user);
  if (place == nullptr) return std::vector<any_event>();
  return decide_departure(*place, command.user, command.why);
}

decision directory::decide_on(const command::lose& command) const {
  const room* const place = room_by_user_.find(command.user);
  return place == nullptr ? std::vector<any_event>() : decide_lost(*place, command);
}

decision directory::decide_on(const command::change_secrets& command) const {
  const room* const place = room_by_user_.find(command.user);
  return place == nullptr ? std::vector<any_event>() : decide_secrets(*place, command);
}

decision directory::decide_on(const command::come_back& command) const {
  const room* const place = room_by_user_.find(command.user);
  return place == nullptr ? std::vector<any_event>() : decide_back(*place, command);
}

decision directory::decide_on(const command::end_seat& command) const {
  const room* const place = room_by_user_.find(command.user);
  return place == nullptr ? std::vector<any_event>()
                          : decide_seat_end(*place, command.user, command.why);
}

decision directory::decide_on(const command::move_away& command) const {
  const room* const place = find(command.code);
  if (place == nullptr || find_participant(*place, command.user) == nullptr) {
    return std::vector<any_event>();
  }
  return decide_departure(*place, command.user, departure::moved);
}

decision directory::decide_on(const command::close_if_empty& command) const {
  const room* const place = find(command.code);
  std::vector<any_event> events;
  if (place != nullptr && place->participants.empty() && place->reservations == 0) {
    events.push_back(event::closed{place->code});
  }
  return events;
}

bool directory::is_full(const room& place) const {
  return limits_.max_participants != 0 &&
         size_of(place.participants) + place.reservations >= limits_.max_participants;
}

// Applying events.

void directory::evolve(const any_event& event) {
  if (const auto* const created = std::get_if<event::created>(&event)) return open(*created);
  room_entry* const entry = entry_of(session::room_of(event));
  if (entry == nullptr) return;
  if (std::holds_alternative<event::closed>(event)) return close(*entry);
  room* const place = &entry->second;
  // `room_by_user_` finds users through the rooms' lists, so update it before the lists change.
  if (const auto* const left = std::get_if<event::left>(&event)) unseat(left->user, *place);
  const auto* const gone = std::get_if<event::gone>(&event);
  if (gone != nullptr && fits(*place, event)) unseat(gone->user, *place);
  const auto* const joined = std::get_if<event::joined>(&event);
  const bool was_seated = joined != nullptr && room_by_user_.find(joined->who.id) != nullptr;
  session::evolve(*place, event);
  if (joined != nullptr) {
    if (const auto held = reservations_.find(joined->who.id);
        held != reservations_.end() && held->second == place) {
      reservations_.erase(held);
      --place->reservations;
    }
    seat(joined->who.id, *place, was_seated);
  }
}

directory::room_entry* directory::entry_of(std::string_view code) {
  if (last_ != nullptr && last_->second.code == code) return last_;
  const std::optional<canonical_code> key = canonicalize(code);
  const auto found = key ? rooms_.find(*key) : rooms_.end();
  last_ = found == rooms_.end() ? nullptr : &*found;
  return last_;
}

void directory::open(const event::created& what) {
  std::optional<canonical_code> key = canonicalize(what.room);
  if (!key) return;
  const auto [place, is_new] = rooms_.try_emplace(*std::move(key));
  if (!is_new) return;
  last_ = &*place;
  const bool was_seated = room_by_user_.find(what.who.id) != nullptr;
  place->second = make_room(what);
  rooms_ever_ = std::max(rooms_ever_, what.number);
  ++live_by_format_[what.format];
  seat(what.who.id, place->second, was_seated);
}

void directory::close(room_entry& which) {
  room& place = which.second;
  if (last_ == &which) last_ = nullptr;
  for (const participant& who : place.participants) unseat(who.id, place);
  cancel_reservations(place);
  --live_by_format_[place.format];
  const canonical_code key = which.first;
  rooms_.erase(key);
}

void directory::load(room state) {
  const std::optional<canonical_code> key = canonicalize(state.code);
  if (!key) return;
  const auto [found, is_new] = rooms_.try_emplace(*key);
  room& place = found->second;
  if (is_new) {
    ++live_by_format_[state.format];
  } else {
    for (const participant& who : place.participants) unseat(who.id, place);
    live_by_format_[place.format]--;
    live_by_format_[state.format]++;
  }
  state.reservations = is_new ? 0 : place.reservations;
  rooms_ever_ = std::max(rooms_ever_, state.number);
  std::vector<bool> were_seated;
  if (!is_new) place.participants.clear();
  for (const participant& who : state.participants) {
    were_seated.push_back(room_by_user_.find(who.id) != nullptr);
  }
  place = std::move(state);
  for (std::size_t i = 0; i < were_seated.size(); ++i) {
    seat(place.participants[i].id, place, were_seated[i]);
  }
}

bool directory::is_later(std::uint32_t move, std::string_view code, std::uint32_t than_move,
                         std::string_view than_code) const {
  if (move != than_move) return move > than_move;
  return !number_slot_ || code < than_code;
}

bool directory::is_overtaken(const participant& who, std::string_view code) const {
  const room* const last = room_of(who.id);
  const participant* const self = last == nullptr ? nullptr : find_participant(*last, who.id);
  return self != nullptr && last->code != code && !is_later(who.move, code, self->move, last->code);
}

void directory::seat(const participant_id& user, room& where, bool was_seated) {
  if (!was_seated) return room_by_user_.add(user, where);
  room* const before = room_by_user_.find(user);
  if (before == &where) return;
  const participant* const old = before == nullptr ? nullptr : find_participant(*before, user);
  // A replica may get an earlier room later. All nodes must choose the same one.
  const std::uint32_t move = find_participant(where, user)->move;
  const bool is_earlier = old != nullptr && !is_later(move, where.code, old->move, before->code);
  if (!is_earlier) room_by_user_.move(user, where);
  room* const other = is_earlier ? &where : before;
  if (other == nullptr) return;
  std::vector<room*>& others = also_in_[user];
  if (std::find(others.begin(), others.end(), other) == others.end()) others.push_back(other);
}

void directory::unseat(const participant_id& user, const room& where) {
  const auto also = also_in_.find(user);
  if (also != also_in_.end()) {
    auto& others = also->second;
    others.erase(std::remove(others.begin(), others.end(), &where), others.end());
  }
  // A user who has moved is already listed under the other room.
  if (room_by_user_.find(user) == &where) {
    if (also == also_in_.end() || also->second.empty()) {
      room_by_user_.remove(user);
    } else {
      // The one that the user has entered last.
      const auto last = std::max_element(
          also->second.begin(), also->second.end(), [&](const room* a, const room* b) {
            return a != b && !is_later(find_participant(*a, user)->move, a->code,
                                       find_participant(*b, user)->move, b->code);
          });
      room_by_user_.move(user, **last);
      also->second.erase(last);
    }
  }
  if (also != also_in_.end() && also->second.empty()) also_in_.erase(also);
}

// State of this process only: reservations, withheld codes, borrowed sessions. Not in the journal.

std::string directory::reserve(const participant_id& user, std::string_view code) {
  room* const target = look_up(rooms_, code);
  const auto held = reservations_.find(user);
  room* const before = held == reservations_.end() ? nullptr : held->second;
  if (target == nullptr || target == before) return {};
  ++target->reservations;
  reservations_.insert_or_assign(user, target);
  if (before == nullptr) return {};
  // One reservation for each user: an older one would never be cancelled.
  --before->reservations;
  return before->code;
}

std::string directory::cancel_reservation(const participant_id& user) {
  const auto held = reservations_.find(user);
  if (held == reservations_.end()) return {};
  room& place = *held->second;
  reservations_.erase(held);
  --place.reservations;
  return place.code;
}

void directory::cancel_reservations(std::string_view code) {
  if (room* const place = look_up(rooms_, code)) cancel_reservations(*place);
}

void directory::cancel_reservations(room& place) {
  if (place.reservations == 0) return;
  for (auto held = reservations_.begin(); held != reservations_.end();) {
    held = held->second == &place ? reservations_.erase(held) : std::next(held);
  }
  place.reservations = 0;
}

bool directory::has_reservation(const participant_id& user, std::string_view code) const {
  if (reservations_.empty()) return false;
  const auto held = reservations_.find(user);
  return held != reservations_.end() && held->second->code == code;
}

void directory::withhold_code(std::string_view code, bool is_about_to_be_created) {
  const auto key = canonicalize(code);
  if (!key) return;
  bool& is_new = withheld_[*key];
  about_to_be_created_ += (is_about_to_be_created ? 1 : 0) - (is_new ? 1 : 0);
  // The session number is used up even if the room is never created.
  if (is_about_to_be_created && !is_new) rooms_ever_ = next_number();
  is_new = is_about_to_be_created;
}

void directory::release_code(std::string_view code) {
  const auto key = canonicalize(code);
  const auto found = key ? withheld_.find(*key) : withheld_.end();
  if (found == withheld_.end()) return;
  if (found->second) --about_to_be_created_;
  withheld_.erase(found);
}

std::pair<std::int64_t, std::int64_t> directory::live_and_possible(std::string_view code) const {
  const std::optional<canonical_code> key = canonicalize(code);
  const code_format* const format = key ? format_of(*key) : nullptr;
  if (format == nullptr) return {0, 0};
  // A guess at a code of this shard is drawn from this shard's part of all codes.
  return {live_by_format_[static_cast<std::size_t>(format - code_formats().data())] * here_.count,
          format->possible_codes()};
}

std::vector<const room*> directory::rooms() const {
  std::vector<const room*> all;
  all.reserve(rooms_.size());
  for (const auto& [key, place] : rooms_) all.push_back(&place);
  heap_sort(all, [](const room* a, const room* b) { return a->number < b->number; });
  return all;
}

}  // namespace downbeat::session
