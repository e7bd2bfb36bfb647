// Deciding commands into events and applying them. Changes and additions wait for the journal
// (without one they take effect at once); departures never wait.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "session/evolve.hpp"

#include <string>
#include <utility>
#include <variant>

namespace downbeat::jam {

void application::submit(instant_ms now, submitted_command e) {
  if (is_ended_) return;
  e.now = now;
  set_node(e.command);
  std::visit([&](const auto& command) { carry_out(e, command); }, e.command);
}

void application::append(submitted_command& e) {
  if (const auto* const caller = server_.find(e.caller)) save_return(e.now, *caller);
  if (const auto* const join = std::get_if<session::command::join>(&e.command);
      join != nullptr && !away_.empty()) {
    const auto* const caller = server_.find(e.caller);
    if (caller != nullptr) {
      free_seat_for(e.now, join->user, join->code, server_.remote_address_of(*caller));
    }
  }
  session::decision decided = directory_.decide(e.command);
  if (const auto* const no = std::get_if<session::refused>(&decided)) {
    if (no->reason == session::refusal::session_not_found && may_come_from_others(e)) {
      return wait_for_room(std::move(e));
    }
    return refuse(e, *no);
  }
  auto& events = std::get<std::vector<session::any_event>>(decided);
  if (!events.empty() && is_journaled()) return enqueue({std::move(e), std::move(events)});
  commit(e, events);
}

void application::commit(const submitted_command& e,
                         const std::vector<session::any_event>& events) {
  success_ = "{}";
  answer_ = {};
  const session::participant_id user = user_of(e.command);
  const session::room* const before = directory_.room_of(user);
  const std::string room_before = before == nullptr ? std::string() : before->code;
  if (!events.empty() && std::holds_alternative<session::event::joined>(events.front()) &&
      directory_.find(session::room_of(events.front())) == nullptr) {
    return take_back(e, std::get<session::event::joined>(events.front()));
  }
  if (!events.empty() && is_overtaken(e, events.front())) return enter_and_leave(e, events.front());
  if (events.empty() && before != nullptr) {
    come_back_first(e, user);
    notify_again(e, *directory_.room_of(user));
  }
  for (const session::any_event& event : events) {
    apply(e, event);
    // The shard from which somebody comes is told by the answer.
    if (!e.is_from_shard) tell_shards_of_entry(event);
  }
  // Leave the old room only after the new one was entered, so that a failed join loses nothing. An
  // update does not enter a room: its client may be in another one by now, as other nodes say.
  const bool enters = !events.empty() && session::is_entry(events.front());
  if (enters && !room_before.empty() && room_before != session::room_of(events.front())) {
    const std::string success = success_;
    take_away(e, directory_.decide(session::command::move_away{user, room_before}));
    success_ = success;
  }
  finish(e);
}

// While an entry was being appended, its client has come back by another connection, maybe at
// another node, and has entered another room since.
bool application::is_overtaken(const submitted_command& e, const session::any_event& entry) const {
  if (node_ == 0 || server_.find(e.caller) != nullptr) return false;
  if (const auto* const created = std::get_if<session::event::created>(&entry)) {
    return directory_.is_overtaken(created->who, created->room);
  }
  const auto* const joined = std::get_if<session::event::joined>(&entry);
  return joined != nullptr && directory_.is_overtaken(joined->who, joined->room);
}

void application::enter_and_leave(const submitted_command& e, const session::any_event& entry) {
  const std::string code(session::room_of(entry));
  directory_.evolve(entry);
  if (const auto* const joined = std::get_if<session::event::joined>(&entry)) {
    mend_host(e, code);
    announce(*joined, shown_room(code));
  }
  take_away(e, directory_.decide(session::command::move_away{user_of(e.command), code}));
}

// Somebody joins who is listed already, but as away, or at another node.
void application::come_back_first(const submitted_command& e, const session::participant_id& user) {
  const auto* const self = find_participant(*directory_.room_of(user), user);
  const bool is_here = !self->is_away && self->node == node_;
  if (node_ == 0 || is_here || server_.find(e.caller) == nullptr) return;
  submit(e.now, {session::command::come_back{user}, e.caller, "", std::nullopt});
}

// An operator has closed the room while the join was being appended. The end of the room is owed,
// and the participant must be gone before that, in case that others have something to say to the
// room.
void application::take_back(const submitted_command& e, const session::event::joined& event) {
  room_queue& queue = queue_of(event.room);
  queue.owed.insert(queue.owed.begin(), session::event::left{event.room, event.who.id,
                                                             session::departure::disconnected});
  refuse(e, {session::refusal::session_not_found, event.room});
}

void application::apply(const submitted_command& e, const session::any_event& event) {
  // Send no update of a participant who left or was lost while the update was being appended. The
  // others see the new name when the participant is back.
  const auto* const updated = std::get_if<session::event::updated>(&event);
  const session::room* const room =
      updated != nullptr && is_journaled() ? shown_room(updated->room) : nullptr;
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, updated->user);
  const bool is_stale = updated != nullptr && is_journaled() && (self == nullptr || self->is_away);
  directory_.evolve(event);
  if (is_stale) return;
  if (is_journaled() && std::holds_alternative<session::event::joined>(event)) {
    mend_host(e, std::string(session::room_of(event)));
  }
  notify(e, event);
}

void application::take_away(const submitted_command& e, const session::decision& decided) {
  const auto* const events = std::get_if<std::vector<session::any_event>>(&decided);
  if (events == nullptr || events->empty()) return;
  const std::string code(session::room_of(events->front()));
  // Make the queue first: it starts with the room as it was before the departure.
  room_queue* const queue = is_journaled() ? &queue_of(code) : nullptr;
  for (const session::any_event& event : *events) {
    // Who comes back gets the list, and must not hear of departures before that.
    const bool is_back = std::holds_alternative<session::event::back>(event);
    if (queue != nullptr && is_back && has_owed(*queue)) {
      if (const auto* const socket = socket_of(user_of(e.command))) server_.leave(*socket, code);
      announce_owed(*queue);
    }
    const bool is_hop = is_between_nodes(directory_.find(code), event);
    directory_.evolve(event);
    if (queue != nullptr) queue->owed.push_back(event);
    if (is_hop) {
      notify_hop(e, std::get<session::event::back>(event));
    } else if (queue == nullptr || queue->is_announced) {
      notify(e, event);
    } else {
      notify_later(e, event);
    }
  }
  if (queue == nullptr) return;
  if (e.ack_id && std::holds_alternative<session::command::leave>(e.command)) {
    hold_caller(e, code);
    queue->held.push_back(e);
  }
  flush(e.now, code);
}

void application::take_away_wholly(const submitted_command& e, const session::decision& decided) {
  take_away(e, decided);
  if (node_ == 0) return;
  const session::participant_id user = user_of(e.command);
  while (const session::room* const former = directory_.room_of(user)) {
    const submitted_command nobodys{
        session::command::move_away{user, former->code}, 0, "", std::nullopt, 0, e.now};
    take_away(nobodys, directory_.decide(nobodys.command));
  }
}

void application::carry_out(submitted_command& e, const session::command::leave& command) {
  const session::decision decided = directory_.decide(command);
  if (const auto* const no = std::get_if<session::refused>(&decided)) return refuse(e, *no);
  take_away_wholly(e, decided);
  if (!is_journaled() || !e.ack_id) answer_departure(e);
}

void application::answer_departure(const submitted_command& e) {
  success_ = "{}";
  answer_ = {};
  finish(e);
}

void application::carry_out(submitted_command& e, const session::command::disconnect& command) {
  take_away_wholly(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::lose& command) {
  take_away(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::come_back& command) {
  take_away(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::change_secrets& command) {
  take_away(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::end_seat& command) {
  const session::decision decided = directory_.decide(command);
  const auto* const events = std::get_if<std::vector<session::any_event>>(&decided);
  // Who is present by now stays.
  if (events == nullptr || events->empty()) return;
  take_away_wholly(e, decided);
}

void application::carry_out(submitted_command& e, const session::command::move_away& command) {
  take_away(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::close_if_empty& command) {
  take_away(e, directory_.decide(command));
}

void application::carry_out(submitted_command& e, const session::command::reserve& command) {
  const session::decision decided = directory_.decide(command);
  if (const auto* const no = std::get_if<session::refused>(&decided)) return refuse(e, *no);
  const std::string other = directory_.reserve(command.user, command.code);
  answer_reserved(e, command.user);
  give_up_reservation(e, other);
}

void application::carry_out(submitted_command& e,
                            const session::command::cancel_reservation& command) {
  give_up_reservation(e, directory_.cancel_reservation(command.user));
}

void application::give_up_reservation(const submitted_command& e, const std::string& code) {
  if (!code.empty()) take_away(e, directory_.decide(session::command::close_if_empty{code}));
}

}  // namespace downbeat::jam
