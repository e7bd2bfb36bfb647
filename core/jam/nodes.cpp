// Several nodes. Each has all rooms, and hears in which order the others have appended to them:
//
//     node a                          the store                         node b
//     append joined    ──────▶  in the log, if it ends
//                               as a believes it does
//     appended         ◀──────                     ──────▶   room_appended: its members get
//                                                            `session:user-joined`
//
// A node keeps a socket for each participant who is connected to another one, so that a client may
// come back anywhere: it shows its secret, and the node appends `back` with its own number. If the
// client was present, nobody else in the room hears of that, and a connection that it still had is
// closed. Of those who live, the node with the lowest number speaks for the participants of dead
// ones. What clients play is no event: it goes to the nodes of a room as a relay, and waits there
// if the join of its sender is not known yet.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {

/// When to look again at a seat that another node should have ended.
constexpr std::int64_t end_patience_ms = 5'000;
/// How long a relay may wait for the join of its sender.
constexpr std::int64_t relay_patience_ms = 2'000;
/// How long a join may wait for its room.
constexpr std::int64_t room_patience_ms = 100;
/// How long a CONNECT may wait for a seat that another node may just have been given.
constexpr std::int64_t seat_patience_ms = 150;
constexpr std::int64_t seat_pause_ms = 50;
constexpr std::size_t most_held_relay_bytes = std::size_t{256} * 1024;
/// Rooms with appends that are not answered; more are adopted when these are.
constexpr std::size_t most_adopting_appends = 500;

/// The participant whom an event is about; empty if it is about the room.
struct user_of_event {
  session::participant_id operator()(const session::event::created& e) const { return e.who.id; }
  session::participant_id operator()(const session::event::joined& e) const { return e.who.id; }
  session::participant_id operator()(const session::event::host_changed&) const { return {}; }
  session::participant_id operator()(const session::event::closed&) const { return {}; }
  template <class Event>
  session::participant_id operator()(const Event& e) const {
    return e.user;
  }
};

bool is_departure(const session::any_event& event) {
  return std::holds_alternative<session::event::left>(event) ||
         std::holds_alternative<session::event::gone>(event);
}

/// Why the seat of a participant has ended, as `remember_end` keeps it.
std::string_view end_of(const session::any_event& event) {
  using session::departure;
  if (const auto* const gone = std::get_if<session::event::gone>(&event)) {
    return to_string(gone->why);
  }
  const auto* const left = std::get_if<session::event::left>(&event);
  if (left == nullptr) return unknown_end;
  if (left->why == departure::kicked) return to_string(session::seat_end::kicked);
  return left->why == departure::moved ? to_string(session::seat_end::moved) : left_end;
}

/// A relay as the nodes send it: lines with room, participant, and how many bytes the array and
/// each attachment has; then these bytes.
void append_line(std::string& to, std::string_view text) {
  to.append(text).append("\n");
}

struct relay_reader {
  std::string_view rest;
  bool is_good = true;

  std::string_view line() {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      is_good = false;
      return {};
    }
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
  }
  std::size_t number() {
    const std::string_view text = line();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    is_good = is_good && error == std::errc() && end == text.data() + text.size();
    return is_good ? value : 0;
  }
  std::string_view bytes(std::size_t size) {
    is_good = is_good && size <= rest.size();
    if (!is_good) return {};
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
};

}  // namespace

void application::set_node(session::any_command& command) const {
  if (node_ == 0) return;
  const auto set = [this](auto& one) {
    if constexpr (requires { one.node; }) {
      if (one.node == 0) one.node = node_;
    }
  };
  std::visit(set, command);
}

bool application::is_seated_elsewhere(const session::participant_id& user) const {
  if (node_ == 0) return false;
  const session::room* const room = directory_.room_of(user);
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
  return self != nullptr && self->node != node_;
}

bool application::is_dead(node_id node) const {
  return !nodes_.empty() && nodes_.count(node) == 0;
}

bool application::is_responsible_for(node_id node) const {
  return node == node_ || (is_dead(node) && nodes_.begin()->first == node_);
}

bool application::postpone_end(instant_ms now, const session::participant_id& user) {
  if (!is_seated_elsewhere(user)) return false;
  const session::room* const room = directory_.room_of(user);
  if (is_responsible_for(find_participant(*room, user)->node)) return false;
  const auto found = away_.find(user);
  if (found == away_.end()) return false;
  away_seat seat = std::move(found->second);
  seat.until = now + end_patience_ms;
  grace_deadlines_.set(seat.until, user);
  found->second = std::move(seat);
  return true;
}

// Who lives.

void application::nodes_changed(instant_ms now, const input::nodes_changed& what) {
  auto nodes = is_journaled() ? read_nodes(what.json) : std::nullopt;
  if (!nodes) return;
  // Participants of this node are already known by its number.
  if (node_ == 0 ? !may_restore_ : node_ != nodes->self) return;
  if (node_ == 0) directory_.number_for(nodes->self);
  if (node_ == 0 || !nodes_.empty()) nodes_unknown_since_ = now;
  node_ = nodes->self;
  nodes_ = std::move(nodes->all);
  to_adopt_.clear();
  look_for_orphans();
  if (!nodes_.empty()) server_.retry_claims(now, socketio::unknown_socket);
}

bool application::may_know_later(instant_ms now, std::int64_t waited_ms) {
  // After this time no seat can be left that others know of.
  if (nodes_.empty()) return node_ != 0 && now - nodes_unknown_since_ < grace_ms();
  // The client may have been lost by another node while that appended its join. All who wait look
  // again at the same times, so that many are not looked at again and again.
  if (nodes_.size() == 1 || waited_ms >= seat_patience_ms) return false;
  return_deadlines_.set((now / seat_pause_ms + 1) * seat_pause_ms, socketio::unknown_socket);
  return true;
}

bool application::has_orphans(const session::room& room) const {
  if (nodes_.empty() || nodes_.begin()->first != node_) return false;
  // Its node has died before it could say that the room has ended.
  if (room.participants.empty()) return room.reservations == 0;
  return std::any_of(
      room.participants.begin(), room.participants.end(), [&](const session::participant& one) {
        const bool has_seat = one.is_away && keeps_seats() && one.pid_hash;
        return is_dead(one.node) && (!has_seat || directory_.room_of(one.id) != &room);
      });
}

bool application::is_amiss(const session::room& room, const session::participant& one) const {
  if (one.node != node_ || entering_.count(one.id) != 0) return false;
  if (directory_.room_of(one.id) != &room) return true;
  const bool has_seat = keeps_seats() && one.pid_hash;
  const auto* const socket = socket_of(one.id);
  if (one.is_away) return socket != nullptr || (has_seat && away_.count(one.id) == 0);
  if (elsewhere_.count(one.id) != 0) return true;
  return !is_in_room(socket, room.code) && !is_under_way(room.code, one.id);
}

bool application::is_to_mend(const session::room& room) const {
  if (room.participants.empty()) return false;
  return has_orphans(room) ||
         std::any_of(room.participants.begin(), room.participants.end(),
                     [&](const session::participant& one) { return is_amiss(room, one); });
}

// What a node has appended may come after it is known to be dead. Or it lives, and that is known
// soon; meanwhile both must not contradict each other again and again. And after Redis has lost
// something, rooms may come back that list somebody of this node who is not there any more.
void application::mend_if_due(instant_ms now, const std::string& code) {
  const session::room* const room = node_ == 0 ? nullptr : directory_.find(code);
  if (room == nullptr || !is_to_mend(*room)) return;
  mending_deadlines_.set(now + end_patience_ms, code);
}

void application::mend_due(instant_ms now) {
  while (const auto code = mending_deadlines_.take_due(now)) {
    const session::room* room = directory_.find(*code);
    if (room == nullptr || !is_to_mend(*room)) continue;
    if (has_orphans(*room)) to_adopt_.push_back(*code);
    std::vector<session::participant_id> amiss;
    for (const session::participant& one : room->participants) {
      if (is_amiss(*room, one)) amiss.push_back(one.id);
    }
    for (const session::participant_id& user : amiss) {
      leave_formers(now, user);
      if (directory_.room_of(user) != directory_.find(*code)) continue;
      follow_seat(now, *code, {user, {}, false});
      lose_missing(now, *code, user);
    }
    mend_if_due(now, *code);
  }
}

void application::leave_formers(instant_ms now, const session::participant_id& user) {
  for (const std::string& code : directory_.other_rooms_of(user)) {
    const session::room* const room = directory_.find(code);
    const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
    if (self == nullptr || directory_.room_of(user) == room) continue;
    if (!is_responsible_for(self->node) || entering_.count(user) != 0) continue;
    submit(now, {session::command::move_away{user, code}, 0, "", std::nullopt});
  }
}

void application::look_for_orphans() {
  directory_.for_each_room([this](const session::room& room) {
    if (has_orphans(room)) to_adopt_.push_back(room.code);
  });
  // The order of the rooms in memory is not the same everywhere.
  std::sort(to_adopt_.begin(), to_adopt_.end());
}

bool application::has_rooms_to_adopt() const {
  return !to_adopt_.empty() && rooms_by_append_.size() < most_adopting_appends;
}

void application::adopt_some(instant_ms now) {
  while (has_rooms_to_adopt()) {
    const std::string code = std::move(to_adopt_.front());
    to_adopt_.pop_front();
    const session::room* const room = directory_.find(code);
    if (room == nullptr) continue;
    if (room->participants.empty()) {
      submit(now, {session::command::close_if_empty{code}, 0, "", std::nullopt});
      continue;
    }
    adopt_all(now, code, {});
  }
}

void application::adopt_all(instant_ms now, const std::string& code,
                            const session::participant_id& but) {
  const session::room* const room = directory_.find(code);
  if (room == nullptr || !has_orphans(*room)) return;
  std::vector<session::participant> orphans;
  for (const session::participant& one : room->participants) {
    if (is_dead(one.node) && !(one.id == but)) orphans.push_back(one);
  }
  for (const session::participant& who : orphans) adopt(now, code, who);
}

void application::follow_lost(instant_ms now) {
  for (const session::participant_id& user : std::exchange(to_follow_, {})) {
    if (socket_of(user) == nullptr) follow_again(now, user);
  }
}

void application::adopt(instant_ms now, const std::string& code, const session::participant& who) {
  const session::room* const of = directory_.room_of(who.id);
  if (of == nullptr || of->code != code) {
    // The node has died between the two appends of a move.
    return submit(now, {session::command::move_away{who.id, code}, 0, "", std::nullopt});
  }
  // The other room may be of another shard.
  if (here_.count > 1) send_to_others(shard_message::restored{who.id.str(), who.move});
  const bool has_seat = keeps_seats() && who.pid_hash;
  if (who.is_away && !has_seat) {
    submit(now,
           {session::command::end_seat{who.id, session::seat_end::expired}, 0, "", std::nullopt});
  } else if (!who.is_away && !has_seat) {
    submit(now, {session::command::leave{who.id, code}, 0, "", std::nullopt});
  } else if (!who.is_away) {
    submit(now,
           {session::command::lose{who.id, wall_to_journal(now), who.node}, 0, "", std::nullopt});
    follow_seat(now, code, {who.id, {}, false});
  }
}

// Rooms that others change.

void application::restore_beside_others(instant_ms now, std::vector<session::room> rooms) {
  for (session::room& room : rooms) {
    if (directory_.find(room.code) == nullptr) directory_.load(std::move(room));
  }
  // The order of the rooms in memory is not the same everywhere, and sockets are numbered in it.
  std::vector<std::string> codes;
  directory_.for_each_room([&](const session::room& room) { codes.push_back(room.code); });
  std::sort(codes.begin(), codes.end());
  for (const std::string& code : codes) {
    const session::room& room = *directory_.find(code);
    for (const session::participant& who : room.participants) {
      if (directory_.room_of(who.id) != &room) continue;
      follow_seat(now, code, {who.id, {}, false});
      // The one that it has entered last may be of another shard.
      if (here_.count > 1) send_to_others(shard_message::restored{who.id.str(), who.move});
    }
  }
  look_for_orphans();
}

void application::room_appended(instant_ms now, const input::room_appended& what) {
  const auto events = session::read_events(what.events);
  const std::string code(what.room);
  if (node_ == 0 || is_ended_ || !events || events->empty()) return;
  const bool is_of_room = std::all_of(events->begin(), events->end(), [&](const auto& event) {
    return session::room_of(event) == code;
  });
  const auto key = session::canonicalize(code);
  if (!is_of_room || !key || session::shard_of(*key, here_.count) != here_.index) return;
  may_restore_ = false;
  const auto found = queues_.find(code);
  room_queue* const queue = found == queues_.end() ? nullptr : &found->second;
  const session::room* const shown = directory_.find(code);
  if (queue != nullptr && queue->replaced) {
    std::optional<session::room>& state = *queue->replaced;
    if ((state ? state->head.seq : 0) != what.expected_head) return;
    for (const session::any_event& event : *events) evolve(state, event);
    return;
  }
  const std::uint64_t head = queue == nullptr   ? (shown == nullptr ? 0 : shown->head.seq)
                             : queue->confirmed ? queue->confirmed->head.seq
                                                : 0;
  if (head != what.expected_head) return;
  // Nobody has been notified yet of what is owed: the members get what the log says.
  const bool is_in_order = queue != nullptr && !queue->is_announced;
  std::optional<session::room> announced;
  if (is_in_order) announced = queue->confirmed;
  if (queue != nullptr) {
    for (const session::any_event& event : *events) evolve(queue->confirmed, event);
  }
  const bool is_owed = queue != nullptr && has_owed(*queue);
  begin_following();
  take_out_concerned(code, *events);
  std::vector<followed_seat> seats;
  for (const session::any_event& event : *events) {
    // What is owed may have another host, or another end, as a consequence. And it may have done
    // already what this says, or make it untrue.
    const session::room* const at = directory_.find(code);
    const bool is_news = at != nullptr && !session::follows_from_others(event) && fits(*at, event);
    if (is_in_order) announce_in_order(announced, event);
    if (!is_owed || is_news) apply_of_others(now, event, !is_in_order, seats);
  }
  room_change change;
  if (is_owed) {
    change = rebase(code, take_owed(*queue), copy_of_shown(code));
    flush(now, code);
  } else if (queue != nullptr && queue->confirmed) {
    directory_.withhold_code(code, false);
  }
  // These may append something, which must come after all of the events.
  for (const followed_seat& seat : seats) follow(now, code, seat);
  if (is_owed) follow_difference(now, code, change, *events);
  mend_if_due(now, code);
  deliver_held_relays(now, code);
  if (std::holds_alternative<session::event::created>(events->front())) {
    try_awaited(now, [&](const awaited_room& one) {
      const auto& join = std::get<session::command::join>(one.command.command);
      return session::canonicalize(join.code) == key;
    });
  }
}

void application::begin_following() {
  resumed_.clear();
  taken_out_.clear();
}

// A client of this node whose own seat changes must not get the half of that: it gets a whole list,
// or the end of its seat, by `follow`.
void application::take_out_concerned(const std::string& code,
                                     std::span<const session::any_event> events) {
  for (const session::any_event& event : events) {
    const bool changes_seat = std::holds_alternative<session::event::lost>(event) ||
                              std::holds_alternative<session::event::back>(event) ||
                              std::holds_alternative<session::event::left>(event) ||
                              std::holds_alternative<session::event::gone>(event);
    // What is owed may have brought somebody back already.
    const session::room* const at = directory_.find(code);
    if (!changes_seat || at == nullptr || !fits(*at, event)) continue;
    take_out(code, std::visit(user_of_event(), event));
  }
}

// The same if a whole room is another one by now.
void application::take_out_concerned(const std::optional<session::room>& before,
                                     const std::optional<session::room>& after) {
  if (node_ == 0 || !before) return;
  for (const session::participant& who : before->participants) {
    const auto* const self = after ? find_participant(*after, who.id) : nullptr;
    const bool stays = self != nullptr && !self->is_away && self->node == node_;
    if (!stays) take_out(before->code, who.id);
  }
}

void application::take_out(const std::string& code, const session::participant_id& user) {
  const auto* const socket = socket_of(user);
  if (!is_in_room(socket, code)) return;
  taken_out_.insert(socket->number);
  server_.leave(*socket, code);
}

void application::follow(instant_ms now, const std::string& code, const followed_seat& seat) {
  const auto* const socket = socket_of(seat.user);
  const socketio::socket_number number = socket == nullptr ? 0 : socket->number;
  const bool was_out = taken_out_.erase(number) != 0;
  if (was_out) server_.join(*socket, code);
  follow_seat(now, code, seat);
  leave_formers(now, seat.user);
  lose_missing(now, code, seat.user);
  if (was_out) make_up_for(now, code, number);
}

void application::make_up_for(instant_ms now, const std::string& code,
                              socketio::socket_number number) {
  const auto* const socket = server_.find(number);
  const session::room* const room = directory_.find(code);
  if (socket == nullptr || room == nullptr || resumed_.count(number) != 0) return;
  const auto* const self = find_participant(*room, participant_of(*socket));
  const bool is_here = self != nullptr && !self->is_away && self->node == node_ &&
                       directory_.room_of(self->id) == room;
  if (!is_here) return;
  submitted_command nobodys{};
  nobodys.now = now;
  send_resumed(nobodys, *socket, *room);
}

// The append that is outstanding is too late by now: what it owed goes into the next one.
std::vector<session::any_event> application::take_owed(room_queue& queue) {
  std::vector<session::any_event> owed;
  if (queue.outstanding) owed = std::exchange(queue.outstanding->owed, {});
  owed.insert(owed.end(), queue.owed.begin(), queue.owed.end());
  queue.owed.clear();
  return owed;
}

void application::apply_of_others(instant_ms now, const session::any_event& event,
                                  bool is_announced, std::vector<followed_seat>& seats) {
  const session::participant_id user = std::visit(user_of_event(), event);
  const std::string code(session::room_of(event));
  const auto* const claim = std::get_if<session::event::back>(&event);
  const bool is_claim = claim != nullptr && claim->node != node_;
  tell_shards_of_entry(event);
  if (!user.empty()) seats.push_back({user, end_of(event), is_claim, session::is_entry(event)});
  if (claim != nullptr) count_return(now, user);
  if (std::holds_alternative<session::event::closed>(event)) {
    if (const session::room* const room = directory_.find(code)) {
      for (const session::participant& one : room->participants) {
        seats.push_back({one.id, end_of(event), false});
      }
    }
  }
  if (!is_announced) return directory_.evolve(event);
  const session::room* const before = directory_.find(code);
  std::optional<session::room> announced =
      before == nullptr ? std::nullopt : std::optional(*before);
  directory_.evolve(event);
  // A client that was here gets that, and leaves the room, by `follow_seat`.
  announce_in_order(announced, event);
  // Nobody was present where that was decided. Here somebody may be, which is still owed.
  const auto* const joined = std::get_if<session::event::joined>(&event);
  if (joined != nullptr && joined->is_host) {
    announce(session::event::host_changed{code, joined->who.id, joined->is_acting}, nullptr);
  }
}

// If another shard lists somebody, too, the room that was entered last is right.
void application::tell_shards_of_entry(const session::any_event& event) {
  if (const auto* const created = std::get_if<session::event::created>(&event)) {
    tell_shards_of_entry(created->who);
  } else if (const auto* const joined = std::get_if<session::event::joined>(&event)) {
    tell_shards_of_entry(joined->who);
  }
}

void application::tell_shards_of_entry(const session::participant& who) {
  if (node_ == 0 || here_.count == 1) return;
  send_to_others(shard_message::restored{who.id.str(), who.move});
}

bool application::is_between_nodes(const session::room* room,
                                   const session::any_event& event) const {
  const auto* const back = std::get_if<session::event::back>(&event);
  if (back == nullptr || node_ == 0) return false;
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, back->user);
  return self != nullptr && !self->is_away;
}

void application::notify_hop(const submitted_command& e, const session::event::back& event) {
  const session::room* const room = directory_.find(event.room);
  const auto* const socket = socket_of(e, event.user);
  if (room == nullptr || socket == nullptr) return;
  server_.join(*socket, event.room);
  send_resumed(e, *socket, *room);
  report(notice::kind::participant_back, event.room, event.user,
         find_participant(*room, event.user)->name);
}

void application::room_replaced(instant_ms now, const input::room_replaced& what) {
  const std::string code(what.room);
  const auto key = session::canonicalize(code);
  if (node_ == 0 || is_ended_ || !key) return;
  if (session::shard_of(*key, here_.count) != here_.index) return;
  std::optional<session::room> state;
  if (!what.snapshot.empty()) {
    state = session::read_snapshot(what.snapshot);
    if (!state || state->code != code) return;
  }
  may_restore_ = false;
  if (!state && directory_.find(code) == nullptr && queues_.count(code) == 0) return;
  room_queue& queue = queue_of(code);
  queue.replaced = std::move(state);
  if (!queue.outstanding) replace(now, code);
}

void application::replace(instant_ms now, const std::string& code) {
  begin_following();
  room_queue& queue = queues_.find(code)->second;
  // There is no order in which this could be announced but that of the differences.
  announce_owed(queue);
  queue.confirmed = *std::exchange(queue.replaced, std::nullopt);
  const session::room* const shown = directory_.find(code);
  const std::optional<session::room> before =
      shown == nullptr ? std::nullopt : std::optional(*shown);
  std::vector<session::any_event> owed = take_owed(queue);
  std::optional<session::room> next = queue.confirmed;
  for (const session::any_event& event : owed) {
    if (fits(next, event)) evolve(next, event);
  }
  for (session::any_event& event : missing_of_members(code, before, std::move(next))) {
    owed.push_back(std::move(event));
  }
  const room_change change = rebase(code, std::move(owed), before);
  flush(now, code);
  follow_difference(now, code, change);
  mend_if_due(now, code);
  deliver_held_relays(now, code);
}

std::vector<session::any_event> application::missing_of_members(
    const std::string& code, const std::optional<session::room>& before,
    std::optional<session::room> state) const {
  std::vector<session::any_event> events;
  if (!before) return events;
  const auto is_in = [this](const session::participant_id& user, std::string_view of) {
    const session::room* const room = directory_.room_of(user);
    return room != nullptr && room->code == of;
  };
  for (const session::participant& who : before->participants) {
    const bool is_here =
        who.node == node_ && !who.is_away && socket_of(who.id) != nullptr && is_in(who.id, code);
    if (!is_here) continue;
    const auto* const known = state ? find_participant(*state, who.id) : nullptr;
    if (!state) {
      events.push_back(session::event::created{code, before->number, before->format, who});
    } else if (known == nullptr) {
      events.push_back(session::event::joined{code, who, false, false});
    } else if (known->is_away || known->node != node_) {
      events.push_back(session::event::back{code, who.id, node_});
    } else {
      continue;
    }
    evolve(state, events.back());
  }
  return events;
}

// A code may be told faster than what has been appended comes here.

bool application::may_come_from_others(const submitted_command& e) const {
  const auto* const join = std::get_if<session::command::join>(&e.command);
  if (nodes_.size() < 2 || e.has_waited || e.is_from_shard || join == nullptr) return false;
  const auto key = session::canonicalize(join->code);
  return key && session::format_of(*key) != nullptr;
}

void application::wait_for_room(submitted_command e) {
  e.has_waited = true;
  // At once, so that many who guess at the same time do not pass the limit together.
  count_failed_join(e, weight_for(std::get<session::command::join>(e.command).code));
  hold_caller(e, {});
  awaited_rooms_.push_back({e.now + room_patience_ms, std::move(e)});
}

void application::try_awaited(instant_ms now,
                              const std::function<bool(const awaited_room&)>& which) {
  std::vector<submitted_command> due;
  for (auto at = awaited_rooms_.begin(); at != awaited_rooms_.end();) {
    if (!which(*at)) {
      ++at;
      continue;
    }
    due.push_back(std::move(at->command));
    at = awaited_rooms_.erase(at);
  }
  for (submitted_command& e : due) {
    const auto pending = pending_callers_.find(e.caller);
    // Its connection has ended meanwhile.
    if (pending == pending_callers_.end()) continue;
    caller_deadlines_.cancel(pending->second.until, e.caller);
    pending_callers_.erase(pending);
    const socketio::socket_number caller = e.caller;
    submit(now, std::move(e));
    if (const auto* const socket = server_.find(caller)) resume_unless_pending(now, *socket);
  }
}

// Sockets of participants who are connected elsewhere.

socketio::socket_number application::keep_socket_of(const session::participant& who) {
  const socketio::socket_number number =
      server_.keep(main_namespace, who.id, who.pid_hash, who.token_hash);
  announce_secrets(who);
  return number;
}

void application::announce_secrets(const session::participant& who) {
  if (here_.count == 1) return;
  for (const auto& hash : {who.pid_hash, who.token_hash}) {
    if (hash) pid_moved(std::nullopt, *hash, true);
  }
}

bool application::has_secrets_of(socketio::socket_number number,
                                 const session::participant& who) const {
  const socketio::socket* const kept = server_.find_kept(number);
  return kept == nullptr || (session::is_same_hash(kept->pid_hash, who.pid_hash) &&
                             session::is_same_hash(kept->token_hash, who.token_hash));
}

void application::forget_socket_of(instant_ms now, const session::participant_id& user,
                                   bool is_elsewhere) {
  std::vector<socketio::socket_number> numbers;
  if (const auto found = elsewhere_.find(user); found != elsewhere_.end()) {
    numbers.push_back(found->second.number);
    elsewhere_.erase(found);
  }
  if (const auto found = away_.find(user); found != away_.end() && !found->second.has_command) {
    numbers.push_back(take_seat(found).number);
  }
  for (const socketio::socket_number one : numbers) {
    server_.forget(one, is_elsewhere);
    server_.retry_claims(now, one);
  }
}

void application::drop_elsewhere(const session::participant_id& user) {
  const auto found = elsewhere_.find(user);
  if (found == elsewhere_.end()) return;
  const socketio::socket_number number = found->second.number;
  elsewhere_.erase(found);
  server_.forget(number, true);
}

void application::count_return(instant_ms now, const session::participant_id& user) {
  if (const auto found = elsewhere_.find(user); found != elsewhere_.end()) {
    found->second.returns.spend(now, returns_of_seat);
  } else if (const auto seat = away_.find(user); seat != away_.end()) {
    seat->second.returns.spend(now, returns_of_seat);
  }
}

void application::follow_again(instant_ms now, const session::participant_id& user) {
  const session::room* const room = directory_.room_of(user);
  if (room != nullptr) follow_seat(now, std::string(room->code), {user, {}, false});
}

void application::save_return(instant_ms now, const socketio::socket& socket) {
  // It may wait for its next try, while Redis is there again.
  if (!state_of(socket).unsaved_return.empty()) flush(now, state_of(socket).unsaved_return);
}

// While Redis is away nobody can say which of two connections came later. Then the client connects
// again by itself, and is right whichever it was. It does not after a DISCONNECT packet.
void application::give_way(instant_ms now, const socketio::socket& socket) {
  const bool is_certain = !socket.rooms.empty() && state_of(socket).unsaved_return.empty();
  // Who has left does not know it yet.
  answer_held(socket);
  if (!is_certain) return server_.close(socket);
  taken_over(now, socket);
  server_.disconnect(now, socket, true);
}

void application::follow_seat(instant_ms now, const std::string& code, const followed_seat& seat) {
  if (node_ == 0) return;
  const session::participant_id user = seat.user;
  const auto find_self = [&] {
    const session::room* const room = directory_.room_of(user);
    return room == nullptr ? nullptr : find_participant(*room, user);
  };
  const session::participant* self = find_self();
  rate_limiter returns;
  if (const auto* const socket = socket_of(user)) {
    if (self == nullptr && seat.is_claim) {
      // A later connection of it has come to another node, and has left.
      return give_way(now, *socket);
    }
    if (self == nullptr) return end_connected(now, *socket, code, seat.end);
    const std::string at = directory_.room_of(user)->code;
    const bool is_here = !self->is_away && self->node == node_;
    if (is_here && is_in_room(socket, at)) return drop_elsewhere(user);
    if (is_here && is_under_way(at, user)) return;
    const bool is_of_living = !self->is_away && !nodes_.empty() && !is_dead(self->node);
    // Another connection that is later has claimed the seat before it enters anything.
    const bool is_older = !is_of_living || (!seat.is_claim && (seat.is_entry || is_leaving(user)));
    if (is_here || (socket->rooms.empty() && is_older)) {
      // The client has left. This is a seat of before: the store has lost the leave, or a move was
      // never finished, or an older command has been carried out at the node where it was.
      submitted_command away{session::command::move_away{user, at}, 0, "", std::nullopt};
      submit(now, std::move(away));
      // It may believe to be in another one, which the store has lost.
      if (socket_of(user) == socket && directory_.room_of(user) == nullptr) {
        end_connected(now, *socket, code, seat.end);
      }
      return;
    }
    if (self->is_away || is_dead(self->node) || (!seat.is_claim && !socket->rooms.empty())) {
      // It is here all the time, though the others could not know it; or an older command of it
      // has been carried out at the node where it was.
      for (const auto* const room : std::vector(socket->rooms.begin(), socket->rooms.end())) {
        if (room->name != directory_.room_of(user)->code) server_.leave(*socket, room->name);
      }
      submitted_command back{session::command::come_back{user}, socket->number, "", std::nullopt};
      return submit(now, std::move(back));
    }
    returns = state_of(*socket).returns;
    returns.spend(now, returns_of_seat);
    give_way(now, *socket);
    // It is kept once it is closed, see `to_follow_`.
    if (socket_of(user) != nullptr) return;
    self = find_self();
    if (self == nullptr) return;
    if (const auto found = elsewhere_.find(user); found != elsewhere_.end()) {
      found->second.returns = returns;
      // This shard has withdrawn them with the connection.
      announce_secrets(*self);
    }
  }
  if (self == nullptr) return forget_seat(now, user, seat.end);
  // The connection is on its way to this shard, or has just been lost.
  if ((self->node == node_ && !self->is_away) || entering_.count(user) != 0) return;
  if (!keeps_seats() || !self->pid_hash) return;
  const auto elsewhere = elsewhere_.find(user);
  const auto away = away_.find(user);
  if (away != away_.end() && away->second.has_command) return;
  socketio::socket_number number = 0;
  if (elsewhere != elsewhere_.end()) {
    number = elsewhere->second.number;
    returns = elsewhere->second.returns;
  } else if (away != away_.end()) {
    number = away->second.number;
    returns = away->second.returns;
  }
  const bool is_kept = elsewhere != elsewhere_.end() || away != away_.end();
  if (is_kept && !has_secrets_of(number, *self)) {
    const socketio::socket_number former = number;
    server_.forget(former);
    number = keep_socket_of(*self);
    if (elsewhere != elsewhere_.end()) elsewhere->second.number = number;
    if (away != away_.end()) away->second.number = number;
    // Those who wait for it have shown what is no secret any more, or find the new one.
    server_.retry_claims(now, former);
    return follow_seat(now, code, seat);
  }
  if (!is_kept) number = keep_socket_of(*self);
  if (!self->is_away) {
    if (away != away_.end()) take_seat(away);
    elsewhere_.insert_or_assign(user, seat_elsewhere{number, returns});
  } else if (away == away_.end()) {
    elsewhere_.erase(user);
    keep_seat(now, user, {number, {}, 0, now, now + grace_left_ms(now, *self), false, returns});
  }
}

void application::forget_seat(instant_ms now, const session::participant_id& user,
                              std::string_view end) {
  const auto away = away_.find(user);
  const auto elsewhere = elsewhere_.find(user);
  const auto* const kept = away != away_.end() ? server_.find_kept(away->second.number)
                           : elsewhere != elsewhere_.end()
                               ? server_.find_kept(elsewhere->second.number)
                               : nullptr;
  const bool is_moved = end == to_string(session::seat_end::moved);
  if (kept != nullptr && !is_moved && end != unknown_end && !end.empty()) remember_end(*kept, end);
  forget_socket_of(now, user, is_moved);
}

void application::end_connected(instant_ms now, const socketio::socket& socket,
                                const std::string& code, std::string_view end) {
  // It was never sent this room, or has another command under way.
  if (!is_in_room(&socket, code)) return;
  if (end == to_string(session::seat_end::moved)) {
    // A later connection of it, at another node, has left.
    return give_way(now, socket);
  }
  server_.leave(socket, code);
  if (keeps_seats()) server_.begin_token(socket, nullptr);
  const bool is_kicked = end == to_string(session::seat_end::kicked);
  // It has left by an earlier connection, or its node was taken for dead while no seats are kept.
  const std::string_view reason = end == left_end ? to_string(session::seat_end::expired)
                                  : end.empty()   ? unknown_end
                                                  : end;
  // The connection by which it has left may go on with this id. This one connects again, and gets a
  // new one.
  const bool is_second = end == left_end && keeps_seats();
  remember_end(socket, is_second ? left_end : reason);
  emit(&socket, "session:ended", ended_json(code, reason));
  if (is_kicked) server_.disconnect(now, socket, true);
  if (is_second) server_.close(socket);
}

void application::follow_difference(instant_ms now, const std::string& code,
                                    const room_change& change,
                                    std::span<const session::any_event> events) {
  if (node_ == 0) return;
  const auto was_in = [&](const session::participant_id& user) {
    return change.before && find_participant(*change.before, user) != nullptr;
  };
  std::vector<followed_seat> seats;
  for (const auto* const state : {&change.before, &change.after}) {
    if (!*state) continue;
    for (const session::participant& one : (*state)->participants) {
      if (state == &change.after && was_in(one.id)) continue;
      if (state == &change.after) tell_shards_of_entry(one);
      const auto* const self = change.after ? find_participant(*change.after, one.id) : nullptr;
      followed_seat seat{one.id, unknown_end, was_in(one.id) && self != nullptr};
      for (const session::any_event& event : events) {
        if (!(std::visit(user_of_event(), event) == one.id)) continue;
        seat.end = end_of(event);
        seat.is_entry = session::is_entry(event);
      }
      seats.push_back(std::move(seat));
    }
  }
  for (const followed_seat& seat : seats) follow(now, code, seat);
}

// What the store has lost, or what was on its way when the connection ended, may list somebody here
// who is not.
void application::lose_missing(instant_ms now, const std::string& code,
                               const session::participant_id& user) {
  const session::room* const room = directory_.room_of(user);
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
  const bool is_missing = self != nullptr && room->code == code && self->node == node_ &&
                          !self->is_away && socket_of(user) == nullptr && !is_under_way(code, user);
  if (!is_missing) return;
  if (!keeps_seats()) {
    return submit(now, {session::command::disconnect{user}, 0, "", std::nullopt});
  }
  submit(now, {session::command::lose{user, wall_to_journal(now)}, 0, "", std::nullopt});
  follow_seat(now, code, {user, {}, false});
}

bool application::is_leaving(const session::participant_id& user) const {
  const auto is_end = [&](const session::any_event& event) {
    return is_departure(event) && std::visit(user_of_event(), event) == user;
  };
  return std::any_of(queues_.begin(), queues_.end(), [&](const auto& one) {
    const room_queue& queue = one.second;
    return std::any_of(queue.owed.begin(), queue.owed.end(), is_end) ||
           (queue.outstanding &&
            std::any_of(queue.outstanding->owed.begin(), queue.outstanding->owed.end(), is_end));
  });
}

bool application::is_under_way(const std::string& code, const session::participant_id& user) const {
  const auto away = away_.find(user);
  if (entering_.count(user) != 0 || (away != away_.end() && away->second.has_command)) return true;
  const auto found = queues_.find(code);
  if (found == queues_.end()) return false;
  const auto is_of = [&](const pending_command& one) { return user_of(one.what.command) == user; };
  const auto& [waiting, outstanding] = std::tie(found->second.waiting, found->second.outstanding);
  return std::any_of(waiting.begin(), waiting.end(), is_of) ||
         (outstanding &&
          std::any_of(outstanding->commands.begin(), outstanding->commands.end(), is_of));
}

bool application::remove_elsewhere(instant_ms now, const session::participant_id& user) {
  const session::room* const room = directory_.room_of(user);
  if (room == nullptr || elsewhere_.count(user) == 0) return false;
  const std::string code = room->code;
  submit(now,
         {session::command::disconnect{user, session::departure::kicked}, 0, "", std::nullopt});
  follow_seat(now, code, {user, to_string(session::seat_end::kicked), false});
  return true;
}

// What clients play.

std::vector<node_id> application::other_nodes_of(const session::participant_id& user) const {
  std::vector<node_id> nodes;
  const session::room* const room = directory_.room_of(user);
  if (room == nullptr) return nodes;
  for (const session::participant& one : room->participants) {
    const bool is_other = one.node != node_ && !one.is_away && !is_dead(one.node);
    if (!is_other || std::find(nodes.begin(), nodes.end(), one.node) != nodes.end()) continue;
    nodes.push_back(one.node);
  }
  return nodes;
}

void application::relay_to_nodes(const socketio::socket& from,
                                 std::span<const std::string_view> json,
                                 const std::vector<frame>& attachments) {
  std::vector<node_id> to = other_nodes_of(participant_of(from));
  if (to.empty()) return;
  std::size_t size = 0;
  for (const std::string_view piece : json) size += piece.size();
  std::string message;
  message.reserve(size + 80);
  append_line(message, from.rooms.front()->name);
  append_line(message, from.id);
  append_line(message, std::to_string(attachments.size()));
  append_line(message, std::to_string(size));
  for (const frame& one : attachments) append_line(message, std::to_string(one.bytes().size()));
  for (const std::string_view piece : json) message += piece;
  for (const frame& one : attachments) message += one.bytes();
  outputs_.push(output::relay{std::move(to), std::move(message)});
}

void application::relay_received(instant_ms now, const input::relay_received& what) {
  if (node_ == 0 || is_ended_) return;
  if (deliver_relay(now, what.from, what.message)) return;
  // The join of its sender, or its change of nodes, comes by another way.
  held_relay_bytes_ += what.message.size();
  held_relays_.push_back({now + relay_patience_ms, what.from, std::string(what.message)});
  while (held_relay_bytes_ > most_held_relay_bytes) {
    held_relay_bytes_ -= held_relays_.front().message.size();
    held_relays_.pop_front();
  }
}

bool application::deliver_relay(instant_ms now, node_id from, std::string_view message) {
  relay_reader read{message};
  const std::string code(read.line());
  const session::participant_id user(read.line());
  const session::room* const room = directory_.find(code);
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
  if (self == nullptr || self->node != from || self->is_away) return false;
  const std::size_t count = read.number();
  const std::size_t size = read.number();
  // What cannot be read is done with.
  if (!read.is_good || count > message.size()) return true;
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < count; ++i) sizes.push_back(read.number());
  socketio::payload event{std::string(read.bytes(size)), {}};
  for (const std::size_t one : sizes) {
    event.attachments.push_back(frame::binary(std::string(read.bytes(one))));
  }
  if (!read.is_good || event.json.size() < 2 || event.json.front() != '[') return true;
  // It may have another connection here for a moment.
  const auto* const own = socket_of(user);
  if (replay_ring* const ring = ring_of(code)) {
    relay_with_offset(now, own, user, *ring, code, event);
    return true;
  }
  const std::array<std::string_view, 1> rooms = {code};
  server_.broadcast({main_namespace, rooms, own}, event);
  return true;
}

void application::deliver_held_relays(instant_ms now, std::string_view code) {
  for (auto held = held_relays_.begin(); held != held_relays_.end();) {
    const std::string_view message = held->message;
    const bool is_of_room = message.substr(0, message.find('\n')) == code;
    if (!is_of_room || !deliver_relay(now, held->from, message)) {
      ++held;
      continue;
    }
    held_relay_bytes_ -= message.size();
    held = held_relays_.erase(held);
  }
}

void application::drop_due_relays(instant_ms now) {
  while (!held_relays_.empty() && held_relays_.front().until <= now) {
    held_relay_bytes_ -= held_relays_.front().message.size();
    held_relays_.pop_front();
  }
}

}  // namespace downbeat::jam
