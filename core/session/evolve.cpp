#include "session/evolve.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace downbeat::session {
namespace {

std::vector<participant>::iterator find_in(room& place, const participant_id& who) {
  return std::find_if(place.participants.begin(), place.participants.end(),
                      [&](const participant& candidate) { return candidate.id == who; });
}

void take_in(room&, const event::created&) {}
void take_in(room&, const event::closed&) {}

void take_in(room& place, const event::joined& what) {
  if (find_in(place, what.who.id) == place.participants.end()) {
    place.participants.push_back(what.who);
  }
  if (!what.is_host) return;
  place.host_id = what.who.id;
  place.is_host_acting = what.is_acting;
}

void take_in(room& place, const event::updated& what) {
  const auto self = find_in(place, what.user);
  if (self == place.participants.end()) return;
  self->name = what.name;
  self->instrument = what.instrument;
  if (what.request_id.empty()) return;
  carried_out_requests all = self->requests ? *self->requests : carried_out_requests();
  if (all.size() == most_requests) all.erase(all.begin());
  all.push_back({carried_out_request::kind::update, what.request_id});
  self->requests = std::make_shared<const carried_out_requests>(std::move(all));
}

void remove(room& place, const participant_id& who) {
  const auto leaving = find_in(place, who);
  if (leaving != place.participants.end()) place.participants.erase(leaving);
}

bool suits(const room&, const event::created&) {
  return false;
}
bool suits(const room&, const event::closed&) {
  return true;
}
bool suits(const room& in, const event::joined& what) {
  return find_participant(in, what.who.id) == nullptr;
}
bool suits(const room& in, const event::lost& what) {
  const participant* const self = find_participant(in, what.user);
  return self != nullptr && !self->is_away && self->node == what.node;
}
bool suits(const room& in, const event::back& what) {
  const participant* const self = find_participant(in, what.user);
  return self != nullptr && (self->is_away || self->node != what.node);
}
bool suits(const room& in, const event::gone& what) {
  const participant* const self = find_participant(in, what.user);
  return self != nullptr && self->is_away && self->node == what.node;
}
bool suits(const room& in, const event::host_changed& what) {
  return find_participant(in, what.host) != nullptr;
}
template <class Event>
bool suits(const room& in, const Event& what) {
  return find_participant(in, what.user) != nullptr;
}

void set_away(room& place, const participant_id& who, bool is_away, std::int64_t since_wall_ms) {
  const auto self = find_in(place, who);
  if (self == place.participants.end()) return;
  self->is_away = is_away;
  self->away_since_wall_ms = since_wall_ms;
}

void take_in(room& place, const event::left& what) {
  remove(place, what.user);
}

// While it was on its way, the participant may have come back to another node.
void take_in(room& place, const event::lost& what) {
  if (!suits(place, what)) return;
  set_away(place, what.user, true, what.wall_ms);
}

void take_in(room& place, const event::back& what) {
  set_away(place, what.user, false, 0);
  const auto self = find_in(place, what.user);
  if (self != place.participants.end()) self->node = what.node;
}

void take_in(room& place, const event::secrets_changed& what) {
  const auto self = find_in(place, what.user);
  if (self == place.participants.end()) return;
  self->pid_hash = what.pid_hash;
  self->token_hash = what.token_hash;
}

void take_in(room& place, const event::gone& what) {
  if (!suits(place, what)) return;
  remove(place, what.user);
}

void take_in(room& place, const event::host_changed& what) {
  place.host_id = what.host;
  place.is_host_acting = what.is_acting;
}

/// What an event makes of a participant.
enum class presence : std::uint8_t { present, away, removed };

/// Who is host of a room, and whether acting; null in a room without participants.
struct host_of_room {
  const participant* who;
  bool is_acting;
};

/// The host as it must be if `changed` becomes present, away or removed: of those who are present
/// the one who has been there longest. If nobody is present, the next to be.
host_of_room rightful_host(const room& in, const participant_id& changed, presence to) {
  const participant* first = nullptr;
  for (const participant& one : in.participants) {
    const bool is_changed = one.id == changed;
    if (is_changed && to == presence::removed) continue;
    if (first == nullptr) first = &one;
    if (is_changed ? to == presence::present : !one.is_away) return {&one, &one != first};
  }
  return {first, false};
}

/// Appends the change of host, or the end of the room, that follows if `who` changes so.
void add_consequences(std::vector<any_event>& events, const room& in, const participant_id& who,
                      presence to) {
  const auto [host, is_acting] = rightful_host(in, who, to);
  if (host == nullptr) {
    if (in.reservations == 0) events.push_back(event::closed{in.code});
  } else if (!(in.host_id == host->id) || in.is_host_acting != is_acting) {
    events.push_back(event::host_changed{in.code, host->id, is_acting});
  }
}

template <class Event>
std::vector<any_event> with_consequences(const room& in, Event first, presence to) {
  std::vector<any_event> events;
  // More events than this are rare.
  events.reserve(2);
  const participant_id who = first.user;
  events.push_back(std::move(first));
  add_consequences(events, in, who, to);
  return events;
}

bool is_away(const room& in, const participant_id& who) {
  const participant* const self = find_participant(in, who);
  return self != nullptr && self->is_away;
}

}  // namespace

const participant* find_participant(const room& in, const participant_id& who) {
  const auto found =
      std::find_if(in.participants.begin(), in.participants.end(),
                   [&](const participant& candidate) { return candidate.id == who; });
  return found == in.participants.end() ? nullptr : &*found;
}

std::shared_ptr<const carried_out_requests> first_request(carried_out_request::kind what,
                                                          const std::string& id) {
  if (id.empty()) return nullptr;
  return std::make_shared<const carried_out_requests>(carried_out_requests{{what, id}});
}

bool has_anybody_present(const room& in) {
  return std::any_of(in.participants.begin(), in.participants.end(),
                     [](const participant& one) { return !one.is_away; });
}

std::string_view to_string(seat_end why) {
  constexpr std::array<std::string_view, 4> names = {"expired", "kicked", "seat_taken", "moved"};
  return names[static_cast<std::size_t>(why)];
}

std::string_view room_of(const any_event& event) {
  return std::visit([](const auto& what) { return std::string_view(what.room); }, event);
}

std::vector<any_event> decide_join(const room& in, const command::join& by) {
  std::vector<any_event> events;
  if (find_participant(in, by.user) != nullptr) return events;
  const bool is_host = !has_anybody_present(in);
  events.push_back(
      event::joined{in.code,
                    {by.user, by.name, by.instrument, by.move, false, 0, by.pid_hash, by.token_hash,
                     first_request(carried_out_request::kind::join, by.request_id), by.node},
                    is_host,
                    is_host && !in.participants.empty()});
  return events;
}

decision decide_update(const room* in, const command::update& by) {
  const participant* const self = in == nullptr ? nullptr : find_participant(*in, by.user);
  if (self == nullptr) return refused{refusal::not_in_session, {}};
  std::vector<any_event> events;
  events.push_back(event::updated{in->code, by.user, by.name.value_or(self->name),
                                  by.instrument.value_or(self->instrument), by.request_id});
  return events;
}

std::vector<any_event> decide_departure(const room& from, const participant_id& who,
                                        departure why) {
  if (is_away(from, who)) return decide_seat_end(from, who, seat_end::moved);
  return with_consequences(from, event::left{from.code, who, why}, presence::removed);
}

std::vector<any_event> decide_lost(const room& in, const command::lose& by) {
  const participant* const self = find_participant(in, by.user);
  if (self == nullptr || self->is_away || self->node != by.node) return {};
  return with_consequences(in, event::lost{in.code, by.user, by.wall_ms, by.node}, presence::away);
}

std::vector<any_event> decide_back(const room& in, const command::come_back& by) {
  const participant* const self = find_participant(in, by.user);
  if (self == nullptr || (!self->is_away && self->node == by.node)) return {};
  return with_consequences(in, event::back{in.code, by.user, by.node}, presence::present);
}

std::vector<any_event> decide_secrets(const room& in, const command::change_secrets& by) {
  const participant* const self = find_participant(in, by.user);
  std::vector<any_event> events;
  if (self == nullptr || (is_same_hash(self->pid_hash, by.pid_hash) &&
                          is_same_hash(self->token_hash, by.token_hash))) {
    return events;
  }
  events.push_back(event::secrets_changed{in.code, by.user, by.pid_hash, by.token_hash});
  return events;
}

std::vector<any_event> decide_seat_end(const room& in, const participant_id& who, seat_end why) {
  const participant* const self = find_participant(in, who);
  if (self == nullptr || !self->is_away) return {};
  return with_consequences(in, event::gone{in.code, who, why, self->node}, presence::removed);
}

std::optional<any_event> decide_host(const room& in) {
  std::vector<any_event> events;
  if (!in.participants.empty()) add_consequences(events, in, {}, presence::removed);
  return events.empty() ? std::nullopt : std::optional(std::move(events.front()));
}

room make_room(const event::created& by) {
  room made{by.room, by.number, by.format, 0, {}, by.who.id, {1}};
  made.participants.push_back(by.who);
  return made;
}

void evolve(room& state, const any_event& event) {
  std::visit([&](const auto& what) { take_in(state, what); }, event);
  ++state.head.seq;
}

bool follows_from_others(const any_event& event) {
  return std::holds_alternative<event::host_changed>(event) ||
         std::holds_alternative<event::closed>(event);
}

bool is_entry(const any_event& event) {
  return std::holds_alternative<event::created>(event) ||
         std::holds_alternative<event::joined>(event);
}

bool fits(const room& state, const any_event& event) {
  return std::visit([&](const auto& what) { return suits(state, what); }, event);
}

bool fits(const std::optional<room>& state, const any_event& event) {
  if (std::holds_alternative<event::created>(event)) return !state;
  return state && fits(*state, event);
}

void evolve(std::optional<room>& state, const any_event& event) {
  if (const auto* const created = std::get_if<event::created>(&event)) {
    if (!state) state = make_room(*created);
  } else if (std::holds_alternative<event::closed>(event)) {
    state.reset();
  } else if (state) {
    evolve(*state, event);
  }
}

}  // namespace downbeat::session
