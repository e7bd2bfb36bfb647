// Seats of participants whose connections are lost:
//
//     the connection is lost      the others get `session:user-left` with `away`; the seat is kept
//     the client shows a secret   it gets `session:joined` with `resumed`, the others
//                                 `session:user-joined` with `back`
//     the grace is over, or the   the others get `session:user-gone`; a client that comes
//     seat is given to another    later gets `session:ended`
//
// If a second client shows the pid of a participant who is present, it takes over the seat, and the
// first one gets `session:ended`. The others get nothing.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "json/text.hpp"
#include "text/address_block.hpp"
#include "text/hex.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace downbeat::jam {
namespace {

/// Ends of seats that are remembered for clients that come too late.
constexpr std::size_t most_ends = 10'000;
/// Seats that end in one step; the others end in the next ones.
constexpr int most_ends_in_step = 1'000;
/// The least that is left of the grace of somebody who was away before a restart.
constexpr std::int64_t least_grace_after_restart_ms = 10'000;
constexpr rate_limiter no_returns;

}  // namespace

bool application::lost(instant_ms now, const socketio::socket& socket, std::string_view reason) {
  if (is_ended_) {
    report(notice::kind::client_disconnected, {}, socket.id, {}, reason);
    return false;
  }
  const session::participant_id user = participant_of(socket);
  // A command that is part of an append takes effect, and the participant is away from then on.
  const bool has_command = is_being_appended(socket);
  give_up_pending_remote(socket);
  take_pending(now, socket);
  report(notice::kind::client_disconnected, {}, socket.id, {}, reason);
  if (!has_command && directory_.room_of(user) == nullptr) return false;
  if (!has_command && is_seated_elsewhere(user)) {
    to_follow_.push_back(user);
    return false;
  }
  std::string address = address_block(server_.remote_address_of(socket));
  keep_seat(now, user, {socket.number, address, 0, now, now + grace_ms(), has_command});
  submit(now,
         {session::command::lose{user, wall_to_journal(now)}, socket.number, "", std::nullopt});
  end_seats_above_limit(now, address);
  return away_.count(user) != 0;
}

bool application::may_recover(instant_ms now, const socketio::socket& socket) {
  const auto seat = away_.find(participant_of(socket));
  if (seat != away_.end() && seat->second.has_command) return false;
  const session::participant_id user = participant_of(socket);
  const auto elsewhere = elsewhere_.find(user);
  // Every node counts the returns of a client that nobody here knows.
  const rate_limiter& returns = socket.memory != nullptr        ? state_of(socket).returns
                                : elsewhere != elsewhere_.end() ? elsewhere->second.returns
                                : seat != away_.end()           ? seat->second.returns
                                                                : no_returns;
  if (returns.has_room(now, returns_of_seat)) return true;
  return_deadlines_.set(returns.next_room(now, returns_of_seat), socket.number);
  return false;
}

void application::taken_over(instant_ms, const socketio::socket& socket) {
  report(notice::kind::client_disconnected, {}, socket.id, {}, socketio::disconnected_by_server);
  // The participant may have entered another room elsewhere.
  if (socket.rooms.empty()) return;
  const std::string code(socket.rooms.front()->name);
  ++taken_over_;
  emit(&socket, "session:ended", ended_json(code, "taken_over"));
  report(notice::kind::seat_taken_over, code, socket.id);
}

void application::recovered(instant_ms now, const socketio::socket& socket,
                            const socketio::connect_request& request, bool was_connected) {
  const session::participant_id user = participant_of(socket);
  if (const session::room* const room = directory_.room_of(user); room && socket.rooms.empty()) {
    // After a restart a client may be faster than that. It must not get others as present who are
    // not back yet.
    adopt_all(now, std::string(room->code), user);
  }
  client_state& state = state_of(socket);
  if (const auto elsewhere = elsewhere_.find(user); elsewhere != elsewhere_.end()) {
    state.returns = elsewhere->second.returns;
  } else if (const auto seat = away_.find(user); seat != away_.end() && node_ != 0) {
    state.returns =
        rate_limiter::from_ns(std::max(state.returns.tat_ns(), seat->second.returns.tat_ns()));
  }
  state.returns.spend(now, returns_of_seat);
  read_wishes(socket, request);
  notice line{};
  line.what = notice::kind::client_connected;
  line.user = socket.id;
  line.address = request.remote_address;
  outputs_.report(std::move(line));
  if (const auto seat = away_.find(user); seat != away_.end()) take_seat(seat);
  elsewhere_.erase(user);
  const session::room* const room = directory_.room_of(user);
  if (room == nullptr) return;
  const session::participant& self = *find_participant(*room, user);
  // After a restart the memory of the client is new.
  state.moves = std::max(state.moves, is_journaled() ? self.move : 0);
  remember_requests(state, self, room->code);
  submitted_command by{session::command::come_back{user}, socket.number, "", std::nullopt};
  by.now = now;
  by.token = token_of(socket, request);
  if (const auto offset = json::member(request.auth, "offset")) {
    by.offset = json::decode_string(*offset).value_or(std::string());
  }
  // Drawn anew after a reload, or because the client has not asked for a token before.
  const auto token_hash = by.token.hash ? by.token.hash : socket.token_hash;
  // Another shard may list it, too, if a move was not finished or has been lost.
  tell_shards_of_entry(self);
  const session::command::change_secrets secrets{user, socket.pid_hash, token_hash};
  // It may have been away only here: the store has lost that, which is not mended yet.
  const bool is_listed = node_ != 0 && !self.is_away && self.node == node_;
  if (is_listed) server_.join(socket, room->code);
  // A page that is loaded anew here changes nothing of that.
  const bool is_unsaved = node_ != 0 && (!is_listed || state.unsaved_return == room->code);
  state.unsaved_return = is_unsaved ? room->code : std::string();
  if (was_connected || is_listed) {
    send_resumed(by, socket, *room);
  } else {
    ++recovered_;
    submit(now, std::move(by));
  }
  if (is_journaled()) submit(now, {secrets, socket.number, "", std::nullopt});
}

std::int64_t application::wall_to_journal(instant_ms now) const {
  return is_journaled() ? std::max<std::int64_t>(server_.wall_now(now).value_or(0), 0) : 0;
}

void application::read_wishes(const socketio::socket& socket,
                              const socketio::connect_request& request) {
  const auto asks_for = [&](std::string_view what) {
    const auto value = json::member(request.auth, what);
    return value && *value == "true";
  };
  client_state& state = state_of(socket);
  state.wants_token = asks_for("resume") || !request.resume_token.empty();
  state.wants_offsets = asks_for("recovery");
  server_.want_offsets(socket, state.wants_offsets);
}

void application::draw_token(const socketio::socket& socket, submitted_command& e) {
  if (!keeps_seats() || !state_of(socket).wants_token) return;
  e.token = server_.draw_token(socket);
  if (!is_journaled()) return;
  if (auto* const create = std::get_if<session::command::create>(&e.command)) {
    create->token_hash = e.token.hash;
  } else if (auto* const join = std::get_if<session::command::join>(&e.command)) {
    join->token_hash = e.token.hash;
  }
}

socketio::drawn_secret application::token_of(const socketio::socket& socket,
                                             const socketio::connect_request& request) {
  if (!state_of(socket).wants_token) return {};
  const std::string_view shown = request.resume_token;
  const sha256_digest hash = sha256(shown);
  for (const auto& one : {socket.token_hash, socket.former_token_hash}) {
    if (one && equal_in_constant_time(*one, hash)) return {std::string(shown), one};
  }
  // It has not got its token, or it asks for one only now.
  return server_.draw_token(socket);
}

void application::send_resumed(const submitted_command& e, const socketio::socket& to,
                               const session::room& room) {
  const session::participant_id user = participant_of(to);
  if (nodes_.size() > 1) resumed_.insert(to.number);
  // It may have entered this room by a command that another node has carried out.
  if (is_journaled()) {
    state_of(to).moves = std::max(state_of(to).moves, find_participant(room, user)->move);
  }
  if (e.token.hash) server_.set_token(to, e.token.hash);
  begin_ring(to, room.code);
  replay_ring::missed_events missed;
  std::string json = with_member(list_json(e.now, user, room, true), "resumeToken", e.token.text);
  if (to.wants_offsets) {
    missed = ring_of(room.code)->after(e.offset, user, state_of(to).entered_at);
    // Nobody gets anything from somebody who is not on their list: it has no name.
    const session::room list = list_for(user, room);
    const auto is_stranger = [&](const replay_ring::relayed* one) {
      return find_participant(list, one->from) == nullptr;
    };
    if (std::erase_if(missed.events, is_stranger) > 0) missed.is_complete = false;
    json = with_missed(std::move(json), missed.events.size(), missed.is_complete);
  }
  expect_host(to, room);
  if (missed.events.empty()) return emit(&to, "session:joined", json, room.code);
  // If the connection is lost before the client has got them, it must ask for them again.
  server_.emit(to, {event_json("session:joined", json, e.offset), {}});
  for (const replay_ring::relayed* one : missed.events) {
    server_.send(to, one->text, one->attachments);
  }
}

void application::not_recovered(instant_ms, const socketio::socket& socket,
                                const socketio::unknown_secrets& shown) {
  for (const auto& hash : {shown.pid_hash, shown.token_hash}) {
    const auto end = hash ? ended_.find(*hash) : ended_.end();
    if (end == ended_.end()) continue;
    // At another node. Who has left expects nothing, unless a page still hopes for its seat.
    if (end->second == left_end && !shown.token_hash) return;
    if (end->second == left_end) break;
    return emit(&socket, "session:ended", ended_json({}, end->second));
  }
  // This server has forgotten sockets that were in no session, and clients that have left. A token
  // is only for a seat, which the page still hopes for.
  if (shown.is_own_pid && !shown.token_hash) return;
  emit(&socket, "session:ended", ended_json({}, unknown_end));
}

void application::pid_moved(std::optional<shard_index> tell, const sha256_digest& pid_hash,
                            bool is_here) {
  const auto end = ended_.find(pid_hash);
  const auto* const bytes = reinterpret_cast<const char*>(pid_hash.data());
  const shard_message::pid_moved message{
      hex::encode({bytes, pid_hash.size()}), is_here,
      is_here || end == ended_.end() ? std::string() : std::string(end->second)};
  if (tell) return send(*tell, message);
  send_to_others(message);
}

void application::on_message(instant_ms, shard_index from, const shard_message::pid_moved& what) {
  const std::string bytes = *hex::decode(what.hash);
  sha256_digest hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  if (what.is_there) {
    server_.set_shard_of_pid(hash, from);
  } else {
    server_.forget_shard_of_pid(hash, from);
  }
  using end = session::seat_end;
  for (const end one : {end::expired, end::kicked, end::seat_taken, end::moved}) {
    if (to_string(one) != what.reason) continue;
    remember_end(hash, to_string(one));
  }
  for (const std::string_view one : {unknown_end, left_end}) {
    if (what.reason == one) remember_end(hash, one);
  }
}

void application::keep_seat(instant_ms, const session::participant_id& user, away_seat seat) {
  seat.order = ++seats_kept_;
  if (seat.until != 0) grace_deadlines_.set(seat.until, user);
  away_by_address_[seat.address].emplace(seat.order, user);
  away_.insert_or_assign(user, std::move(seat));
}

application::away_seat application::take_seat(
    std::map<session::participant_id, away_seat>::iterator which) {
  const auto& [user, seat] = *which;
  grace_deadlines_.cancel(seat.until, user);
  const auto of_address = away_by_address_.find(seat.address);
  of_address->second.erase(seat.order);
  if (of_address->second.empty()) away_by_address_.erase(of_address);
  away_seat taken = std::move(which->second);
  away_.erase(which);
  return taken;
}

void application::end_seat(instant_ms now, const session::participant_id& user,
                           session::seat_end why) {
  const auto found = away_.find(user);
  if (found == away_.end()) return;
  // The id may be part of the seat that ends.
  const session::participant_id who = user;
  const away_seat seat = take_seat(found);
  if (why == session::seat_end::expired) ++expired_;
  if (why == session::seat_end::seat_taken) ++given_away_;
  if (const auto* const kept = server_.find_kept(seat.number)) remember_end(*kept, to_string(why));
  server_.forget(seat.number);
  submit(now, {session::command::end_seat{who, why}, 0, "", std::nullopt});
  server_.retry_claims(now, seat.number);
}

void application::end_due_seats(instant_ms now) {
  for (int i = 0; i < most_ends_in_step; ++i) {
    const auto user = grace_deadlines_.take_due(now);
    if (!user) return;
    if (postpone_end(now, *user)) continue;
    end_seat(now, *user, session::seat_end::expired);
  }
}

void application::end_seats_above_limit(instant_ms now, const std::string& address) {
  const auto is_above = [this](std::size_t count, std::int64_t in_all) {
    const std::int64_t limit = here_.part_of_limit(in_all);
    return limit != 0 && static_cast<std::int64_t>(count) > limit;
  };
  for (;;) {
    const auto of_address = away_by_address_.find(address);
    if (of_address == away_by_address_.end()) return;
    // After a restart everybody is away, which is no reason to end the seat of one who drops now.
    const auto unknown = away_by_address_.find("");
    const std::size_t restored = unknown == away_by_address_.end() ? 0 : unknown->second.size();
    std::string_view limit;
    if (is_above(of_address->second.size(), options_.max_away_seats_by_address)) {
      limit = "away_seats_by_address";
    } else if (is_above(away_.size() - restored, options_.max_away_seats)) {
      limit = "away_seats";
    }
    if (limit.empty() || away_.count(of_address->second.begin()->second) == 0) return;
    limited_.count(limit);
    end_seat(now, of_address->second.begin()->second, session::seat_end::seat_taken);
  }
}

void application::free_seat_for(instant_ms now, const session::participant_id& user,
                                std::string_view code, std::string_view address) {
  const session::room* const room = directory_.find(code);
  if (room == nullptr || !directory_.is_full_for(user, *room)) return;
  const auto taken = static_cast<std::int64_t>(room->participants.size()) + room->reservations;
  // One seat less would not be enough after the limit was lowered.
  if (taken > options_.session.max_participants) return;
  const std::string block = address_block(address);
  const std::pair<const session::participant_id, away_seat>* longest = nullptr;
  bool is_own = false;
  for (const session::participant& one : room->participants) {
    const auto seat = away_.find(one.id);
    if (seat == away_.end()) continue;
    const bool is_of_address = !block.empty() && seat->second.address == block;
    const bool is_free = now - seat->second.since > options_.seat_hold_s * 1'000;
    if (!is_of_address && !is_free) continue;
    const bool is_better = longest == nullptr || (is_of_address && !is_own) ||
                           (is_of_address == is_own && seat->second.order < longest->second.order);
    if (!is_better) continue;
    longest = &*seat;
    is_own = is_of_address;
  }
  if (longest != nullptr) end_seat(now, longest->first, session::seat_end::seat_taken);
}

void application::remember_end(const socketio::socket& of, std::string_view reason) {
  if (of.pid_hash) remember_end(*of.pid_hash, reason);
  if (of.token_hash) remember_end(*of.token_hash, reason);
  if (of.former_token_hash) remember_end(*of.former_token_hash, reason);
}

void application::remember_end(const sha256_digest& secret_hash, std::string_view reason) {
  if (!ended_.insert_or_assign(secret_hash, reason).second) return;
  ended_in_order_.push_back(secret_hash);
  if (ended_in_order_.size() <= most_ends) return;
  ended_.erase(ended_in_order_.front());
  ended_in_order_.pop_front();
}

void application::settle_away_command(instant_ms now, const session::participant_id& user) {
  const auto found = away_.find(user);
  if (found == away_.end() || !found->second.has_command) return;
  found->second.has_command = false;
  const socketio::socket_number number = found->second.number;
  if (directory_.room_of(user) == nullptr) {
    take_seat(found);
    server_.forget(number);
  } else if (node_ != 0) {
    // Others may have had something to say meanwhile.
    const std::string code = directory_.room_of(user)->code;
    follow_seat(now, code, {user, {}, false});
    lose_missing(now, code, user);
  }
  server_.retry_claims(now, number);
}

std::int64_t application::grace_left_ms(instant_ms now, const session::participant& who) const {
  // Who was away already has what is left of the grace; the clock may have been set meanwhile.
  const std::int64_t wall_ms = wall_to_journal(now);
  std::int64_t left_ms = grace_ms();
  if (who.is_away && who.away_since_wall_ms != 0 && wall_ms >= who.away_since_wall_ms) {
    const std::int64_t away_ms = std::min(wall_ms - who.away_since_wall_ms, grace_ms());
    left_ms = std::max(grace_ms() - away_ms, std::min(least_grace_after_restart_ms, grace_ms()));
  }
  return left_ms;
}

void application::keep_restored_seat(instant_ms now, const session::participant& who) {
  const std::int64_t left_ms = grace_left_ms(now, who);
  const socketio::socket_number number =
      server_.keep(main_namespace, who.id, who.pid_hash, who.token_hash);
  keep_seat(now, who.id, {number, {}, 0, now, now + left_ms, false});
  if (here_.count == 1) return;
  for (const auto& hash : {who.pid_hash, who.token_hash}) {
    if (hash) pid_moved(std::nullopt, *hash, true);
  }
  send_to_others(shard_message::restored{who.id.str(), who.move});
}

// After a crash between the two appends of a move, two shards have restored a participant. The room
// that was entered last is right.
void application::on_message(instant_ms now, shard_index from,
                             const shard_message::restored& what) {
  const session::participant_id user(what.user);
  const auto found = away_.find(user);
  const session::room* const room = directory_.room_of(user);
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, user);
  if (self == nullptr) return;
  const bool is_tie = self->move == what.move;
  // Two connections of it, at two nodes, may have entered two rooms by the same move.
  if (is_tie && node_ == 0) return;
  // This shard has not sent it if the client was back at once.
  if (self->move > what.move || (is_tie && here_.index < from)) {
    return send(from, shard_message::restored{what.user, self->move});
  }
  // Its own node does that, or who speaks for it.
  if (node_ != 0 && !is_responsible_for(self->node)) return;
  if (found != away_.end()) {
    server_.forget(take_seat(found).number, true);
    return submit(
        now, {session::command::end_seat{user, session::seat_end::moved}, 0, "", std::nullopt});
  }
  if (is_kept_elsewhere(user)) {
    submit(now, {session::command::move_away{user, room->code}, 0, "", std::nullopt});
    return forget_socket_of(now, user, true);
  }
  // The client was faster than this message.
  const socketio::socket* const socket = socket_of(user);
  if (socket == nullptr) return;
  submit(now, {session::command::move_away{user, room->code}, 0, "", std::nullopt});
  server_.close_for_another_shard(*socket);
}

std::vector<away_member> application::away_members(instant_ms now,
                                                   const session::room& room) const {
  std::vector<away_member> members;
  if (!keeps_seats()) return members;
  for (const session::participant& one : room.participants) {
    if (!one.is_away) continue;
    const auto seat = away_.find(one.id);
    const bool is_running = seat != away_.end() && seat->second.until != 0;
    members.push_back(
        {&one, is_running ? std::max<std::int64_t>(0, seat->second.until - now) : grace_ms()});
  }
  return members;
}

std::uint64_t application::away_count() const {
  std::uint64_t count = 0;
  for (const auto& [user, seat] : away_) count += directory_.room_of(user) != nullptr ? 1 : 0;
  return count;
}

}  // namespace downbeat::jam
