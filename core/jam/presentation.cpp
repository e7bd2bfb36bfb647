// Turns session events into messages for clients and lines of the log.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "session/evolve.hpp"
#include "session/refusal.hpp"

#include <array>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {

struct user_of_command {
  template <class Command>
  session::participant_id operator()(const Command& which) const {
    return which.user;
  }
  session::participant_id operator()(const session::command::close_if_empty&) const { return {}; }
};

}  // namespace

session::participant_id application::user_of(const session::any_command& command) {
  return std::visit(user_of_command(), command);
}

void application::notify(const submitted_command& e, const session::event::created& event) {
  if (!is_of_others_) ++created_;
  const auto* const creator = socket_of(e, event.who.id);
  if (creator != nullptr) answer_held_before(e, *creator);
  success_ = json_of(event);
  if (const auto node = nodes_.find(event.who.node); node != nodes_.end()) {
    success_ = with_member(std::move(success_), "node", node->second);
  }
  answer_ = "session:created";
  if (creator != nullptr) {
    enter(e, *creator, event.room);
  }
  emit(creator, answer_, with_member(success_, "resumeToken", e.token.text), event.room);
  report(notice::kind::session_created, event.room, event.who.id, event.who.name);
}

void application::notify(const submitted_command& e, const session::event::joined& event) {
  const session::room* const room = shown_room(event.room);
  if (room == nullptr) return;
  const auto* const newcomer = socket_of(e, event.who.id);
  if (!is_of_others_) ++joined_;
  if (newcomer != nullptr) {
    answer_held_before(e, *newcomer);
    enter(e, *newcomer, event.room);
  }
  report(notice::kind::session_joined, event.room, event.who.id, event.who.name);
  success_ = joined_json(*room, event.who.id, away_members(e.now, *room), false, nodes_);
  answer_ = "session:joined";
  emit(newcomer, answer_, with_member(success_, "resumeToken", e.token.text), event.room);
  announce(event, room);
}

void application::announce(const session::event::joined& event, const session::room*) {
  broadcast(event.room, socket_of(event.who.id), "session:user-joined",
            user_json(event.who, nodes_));
}

void application::notify(const submitted_command& e, const session::any_event& event) {
  std::visit([&](const auto& what) { notify(e, what); }, event);
}

void application::notify_later(const submitted_command& e, const session::any_event& event) {
  std::visit(
      [&](const auto& what) {
        settle(e, what);
        log(e, what);
      },
      event);
}

// Departures, returns, and what follows from them. With several nodes, members are notified of
// these when the log has them, so that they get everything in one order, whichever node they are
// at.

void application::settle(const submitted_command& e, const session::event::left& event) {
  const auto* const leaver = socket_of(e, event.user);
  if (leaver == nullptr) return;
  server_.leave(*leaver, event.room);
  // Who moves has the token of the new room already.
  if (directory_.room_of(event.user) == nullptr) server_.begin_token(*leaver, nullptr);
}

void application::announce(const session::event::left& event, const session::room*) {
  broadcast(event.room, socket_of(event.user), "session:user-left", json_of(event));
}

void application::log(const submitted_command& e, const session::event::left& event) {
  // A client that enters another room of this shard is logged there. Moves to another shard are
  // logged only here.
  const bool is_moved = std::holds_alternative<session::command::move_away>(e.command);
  report(notice::kind::session_left, event.room, event.user, {}, is_moved ? "moved" : "");
}

void application::announce(const session::event::lost& event, const session::room*) {
  broadcast(event.room, socket_of(event.user), "session:user-left",
            away_json(event.user, grace_ms()));
}

void application::log(const submitted_command&, const session::event::lost& event) {
  report(notice::kind::participant_away, event.room, event.user);
}

void application::settle(const submitted_command& e, const session::event::back& event) {
  const session::room* const room = directory_.find(event.room);
  const auto* const socket = socket_of(e, event.user);
  if (room == nullptr || socket == nullptr) return;
  server_.join(*socket, event.room);
  // The host changes with the next event; the client is to see the state with it.
  session::room with_host = *room;
  if (const auto host = decide_host(*room)) evolve(with_host, *host);
  send_resumed(e, *socket, with_host);
}

void application::announce(const session::event::back& event, const session::room* room) {
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, event.user);
  if (self == nullptr) return;
  const session::participant* after = nullptr;
  for (const session::participant& one : room->participants) {
    if (&one == self) break;
    if (!one.is_away) after = &one;
  }
  broadcast(event.room, socket_of(event.user), "session:user-joined",
            back_json(*self, after, nodes_));
}

void application::log(const submitted_command&, const session::event::back& event) {
  const session::room* const room = directory_.find(event.room);
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, event.user);
  if (self == nullptr) return;
  report(notice::kind::participant_back, event.room, event.user, self->name);
}

void application::announce(const session::event::gone& event, const session::room*) {
  broadcast(event.room, socket_of(event.user), "session:user-gone", json_of(event));
}

void application::log(const submitted_command&, const session::event::gone& event) {
  report(notice::kind::seat_ended, event.room, event.user, {}, to_string(event.why));
}

void application::announce(const session::event::host_changed& event, const session::room*) {
  broadcast(event.room, nullptr, "session:host-changed", json_of(event));
}

void application::log(const submitted_command&, const session::event::host_changed& event) {
  report(notice::kind::host_changed, event.room, event.host);
}

void application::notify(const submitted_command& e, const session::event::updated& event) {
  const auto* const who = socket_of(e, event.user);
  announce(event, shown_room(event.room));
  if (who != nullptr && !may_report(e.now, *who)) return;
  report(notice::kind::participant_updated, event.room, event.user, event.name);
}

void application::announce(const session::event::updated& event, const session::room* room) {
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, event.user);
  // The others see the new name when the participant is back.
  if (self == nullptr || self->is_away) return;
  broadcast(event.room, socket_of(event.user), "session:user-updated", user_json(*self, nodes_));
}

void application::announce(const session::event::closed& event, const session::room*) {
  end_ring(event.room);
}

void application::log(const submitted_command&, const session::event::closed& event) {
  report(notice::kind::session_closed, event.room, {});
}

std::string application::list_json(instant_ms now, const session::participant_id& user,
                                   const session::room& room, bool is_resumed) const {
  const session::room list = list_for(user, room);
  return joined_json(list, user, away_members(now, list), is_resumed, nodes_);
}

void application::notify_again(const submitted_command& e, const session::room& room) {
  const session::participant_id& user = std::get<session::command::join>(e.command).user;
  success_ = list_json(e.now, user, room, false);
  answer_ = "session:joined";
  const auto* const socket = socket_of(e, user);
  const bool is_in = is_in_room(socket, room.code);
  if (is_in && e.token.hash) server_.set_token(*socket, e.token.hash);
  // It has left, and the store has lost that.
  if (socket != nullptr && !is_in) enter(e, *socket, room.code);
  emit(socket, answer_, with_member(success_, "resumeToken", e.token.text), room.code);
}

void application::notify_difference(const std::optional<session::room>& before,
                                    const std::optional<session::room>& after) {
  const submitted_command nobodys{};
  const auto tell = [&](const auto& event) { notify(nobodys, event); };
  static const std::vector<session::participant> nobody;
  const auto& old_ones = before ? before->participants : nobody;
  const auto& new_ones = after ? after->participants : nobody;
  for (const session::participant& who : old_ones) {
    if (after && find_participant(*after, who.id) != nullptr) continue;
    if (who.is_away) {
      tell(session::event::gone{before->code, who.id, session::seat_end::moved});
    } else {
      tell(session::event::left{before->code, who.id, session::departure::left});
    }
  }
  const session::participant* last = nullptr;  // of those who are present
  for (const session::participant& who : new_ones) {
    const auto* const after_whom = who.is_away ? last : std::exchange(last, &who);
    const auto* const known = before ? find_participant(*before, who.id) : nullptr;
    if (known == nullptr) {
      broadcast(after->code, nullptr, "session:user-joined", user_json(who, nodes_));
      if (who.is_away) notify(nobodys, session::event::lost{after->code, who.id});
    } else if (known != nullptr && known->is_away != who.is_away) {
      if (who.is_away) {
        tell(session::event::lost{after->code, who.id});
      } else {
        broadcast(after->code, socket_of(who.id), "session:user-joined",
                  back_json(who, after_whom, nodes_));
      }
    } else if (known != nullptr && !who.is_away && !(*known == who)) {
      // With several nodes it is an update of one's own. Otherwise another process has made it.
      broadcast(after->code, node_ == 0 ? nullptr : socket_of(who.id), "session:user-updated",
                user_json(who, nodes_));
    }
  }
  if (!after) {
    if (before) tell(session::event::closed{before->code});
  } else if (!new_ones.empty() && (!before || !(before->host_id == after->host_id) ||
                                   before->is_host_acting != after->is_host_acting)) {
    tell(session::event::host_changed{after->code, after->host_id, after->is_host_acting});
  }
}

void application::refuse(const submitted_command& e, const session::refused& what) {
  const session::participant_id user = user_of(e.command);
  if (e.is_from_shard || std::holds_alternative<session::command::reserve>(e.command)) {
    using outcome = shard_message::reservation_answer::outcome;
    const outcome how = what.reason == session::refusal::session_full ? outcome::full
                        : what.reason == session::refusal::try_again  ? outcome::not_saved
                                                                      : outcome::not_found;
    const std::int64_t weight = how == outcome::not_found ? weight_for(what.room) : 0;
    send(e.reply_to, shard_message::reservation_answer{user.str(), how, weight, e.question});
    return;
  }
  const socketio::socket* caller = server_.find(e.caller);
  const bool is_join = std::holds_alternative<session::command::join>(e.command);
  if (is_join) {
    if (what.reason == session::refusal::session_not_found && !e.has_waited) {
      count_failed_join(e, e.weight ? *e.weight : weight_for(what.room));
    }
    if (caller == nullptr || may_report(e.now, *caller)) {
      report(notice::kind::join_failed, what.room, user, {}, message_of(what.reason));
    }
  }
  if (what.reason == session::refusal::session_full) limited_.count("participants");
  if (what.reason == session::refusal::server_full) limited_.count("sessions");
  if (caller == nullptr) return;
  fail(*caller, e.ack_id, e.event, message_of(what.reason), code_of(what.reason));
}

const socketio::socket* application::socket_of(const session::participant_id& who) const {
  return server_.find(main_namespace, who);
}

const socketio::socket* application::socket_of(const submitted_command& e,
                                               const session::participant_id& who) const {
  const auto* const caller = server_.find(e.caller);
  if (caller != nullptr && who == participant_of(*caller)) return caller;
  return socket_of(who);
}

void application::emit(const socketio::socket* to, std::string_view event, std::string_view json,
                       std::string_view room) {
  if (to == nullptr) return;
  const replay_ring* const ring = to->wants_offsets ? ring_of(room) : nullptr;
  const std::string offset = ring == nullptr ? std::string() : ring->offset();
  server_.emit(*to, {event_json(event, json, offset), {}});
}

void application::broadcast(std::string_view room, const socketio::socket* except,
                            std::string_view event, std::string_view json) {
  const std::array<std::string_view, 1> rooms = {room};
  const socketio::target to{main_namespace, rooms, except};
  const replay_ring* const ring = ring_of(room);
  if (ring == nullptr) return server_.broadcast(to, {event_json(event, json), {}});
  const frame with_offset =
      server_.encode_event(main_namespace, {event_json(event, json, ring->offset()), {}});
  server_.broadcast(to, {event_json(event, json), {}}, &with_offset);
}

void application::succeed(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
                          std::string_view success) {
  if (ack_id) server_.acknowledge(to, *ack_id, {'[' + success_json(success) + ']', {}});
}

void application::fail(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
                       std::string_view event, std::string_view message, std::string_view code) {
  ++refused_;
  server_.emit(to, {event_json("error", error_json(message, code, event)), {}});
  if (ack_id) server_.acknowledge(to, *ack_id, {'[' + failure_json(message, code) + ']', {}});
}

void application::refuse(const request_context& by, const invalid_payload& error) {
  if (!error.limit.empty()) limited_.count(error.limit);
  if (may_report(by.now, by.from)) {
    report(notice::kind::request_refused, {}, by.from.id, by.name, error.message);
  }
  fail(by.from, by.event.ack_id, by.name, error.message, "invalid_payload");
}

void application::report(notice::kind what, std::string_view room, std::string_view user,
                         std::string_view name, std::string_view reason) {
  // The node that has appended it has logged it.
  if (is_of_others_) return;
  outputs_.report(
      {what, std::string(room), std::string(user), std::string(name), std::string(reason), {}});
}

}  // namespace downbeat::jam
