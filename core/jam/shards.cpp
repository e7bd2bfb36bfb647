// Rooms on other shards. A client that joins one waits for a reservation there and then migrates:
//
//     here                                there
//     its messages are held
//     reserve                ─────────▶   a place is reserved; the room stays open
//                            ◀─────────   reservation_answer
//     it leaves its old room
//     the connection         ═════════▶   it takes its place, and all members are notified
//                                         its held messages are handled
//
// With a journal, the room's shard appends the join before it answers: the participant is in the
// new room, on the journal and in the eyes of the others, a moment before the connection is there.
// So a join that the journal does not take costs the client nothing.
//
// If there is no place, the client gets an error and stays here. If it disconnects before the
// answer, its shard releases the reservation. Until it migrates it stays in its old room.
//
// A client may also migrate for another reason, without a pending command. It then leaves its
// session, because each session is on one shard.
//
// The limit of sessions is divided among the shards. A shard whose part is used up asks the others
// in turn for some of theirs, and holds its client's messages meanwhile, too.

#include "jam/application.hpp"
#include "jam/shard_message.hpp"
#include "json/object_reader.hpp"
#include "json/writer.hpp"
#include "session/canonical_code.hpp"
#include "session/refusal.hpp"
#include "text/hex.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>

namespace downbeat::jam {

struct application::migrated_socket final : migrated_state {
  /// A command that waited for the journal when its client migrated for another reason.
  struct failed_command {
    std::string_view event;  ///< a constant
    std::optional<std::uint64_t> ack_id;
  };

  std::optional<submitted_command>
      pending;  ///< that it migrates for; nothing if for another reason
  std::optional<failed_command> failed;

  [[nodiscard]] std::string write() const override;
};

namespace {

/// The highest `participant::move`.
constexpr std::int64_t most_moves = std::numeric_limits<std::uint32_t>::max();

/// The events whose commands may wait for the journal.
constexpr std::array<std::string_view, 3> journaled_events = {"session:create", "session:join",
                                                              "session:update"};

/// The events that answer a request.
constexpr std::array<std::string_view, 3> answers = {"", "session:created", "session:joined"};

std::string hex_of(const sha256_digest& hash) {
  return hex::encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

/// The hash with these digits, which must be one.
sha256_digest hash_of(const std::string& digits) {
  const std::string bytes = *hex::decode(digits);
  sha256_digest hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

/// Without a journal moves are not counted and stay 1.
void write_move(json::object_writer& json, std::uint32_t move) {
  if (move != 1) json.number("move", move);
}

}  // namespace

std::optional<shard_index> application::other_shard_of(std::string_view code) const {
  if (here_.count == 1) return std::nullopt;
  const auto key = session::canonicalize(code);
  if (!key) return std::nullopt;
  const shard_index owner = session::shard_of(*key, here_.count);
  return owner == here_.index ? std::nullopt : std::optional(owner);
}

void application::ask(instant_ms now, shard_index whom, submitted_command command) {
  const socketio::socket& from = *server_.find(command.caller);
  save_return(now, from);
  if (const auto* join = std::get_if<session::command::join>(&command.command)) {
    shard_message::reserve question{join->user.str(), join->code,
                                    std::string(server_.remote_address_of(from)), ++questions_};
    if (is_journaled()) {
      question.who = {join->name, join->instrument, join->move,
                      join->pid_hash ? hex_of(*join->pid_hash) : std::string(), join->request_id};
      command.now = now;
      hold_caller(command, join->code);
    }
    send(whom, question);
  } else {
    send(whom, shard_message::borrow_sessions{from.id});
  }
  server_.pause(from);
  pending_remotes_.insert_or_assign(from.number,
                                    pending_remote{std::move(command), whom, questions_});
}

void application::end_wait(instant_ms now, const socketio::socket& socket) {
  if (pending_callers_.count(socket.number) != 0) return release_caller(now, socket.number);
  server_.resume(now, socket);
}

void application::give_up_pending_remote(const socketio::socket& socket) {
  const auto wait = pending_remotes_.find(socket.number);
  if (wait == pending_remotes_.end()) return;
  const pending_remote& waiting = wait->second;
  if (std::holds_alternative<session::command::join>(waiting.command.command)) {
    send(waiting.asked, shard_message::cancel_reservation{socket.id});
  }
  pending_remotes_.erase(wait);
}

void application::on_shard_message(instant_ms now, shard_index from, std::string_view text) {
  const auto message = shard_message::read(text);
  if (message) std::visit([&](const auto& what) { on_message(now, from, what); }, *message);
}

bool application::can_read(std::string_view text) const {
  return shard_message::read(text).has_value();
}

void application::on_message(instant_ms now, shard_index from, const shard_message::reserve& what) {
  using outcome = shard_message::reservation_answer::outcome;
  if (const auto limit = exceeded_lookup_limit(now, what.address, what.code); !limit.empty()) {
    const bool is_of_address = limit == limit_of(outcome::address_limited);
    const outcome how = is_of_address ? outcome::address_limited : outcome::lockdown_limited;
    return send(from, shard_message::reservation_answer{what.user, how, 0, what.question});
  }
  if (is_journaled()) return take_in(now, from, what);
  if (!away_.empty()) {
    free_seat_for(now, session::participant_id(what.user), what.code, what.address);
  }
  submitted_command command{
      session::command::reserve{session::participant_id(what.user), what.code}, 0, "", std::nullopt,
      from};
  command.question = what.question;
  submit(now, std::move(command));
}

void application::answer_reserved(const submitted_command& e, const session::participant_id& user) {
  using outcome = shard_message::reservation_answer::outcome;
  send(e.reply_to, shard_message::reservation_answer{user.str(), outcome::reserved, 0, e.question});
}

void application::take_in(instant_ms now, shard_index from, const shard_message::reserve& what) {
  if (!what.who) return;  // No shard with a journal sends that.
  const session::participant_id user(what.user);
  std::shared_ptr<const sha256_digest> pid_hash;
  if (!what.who->pid.empty()) {
    pid_hash = std::make_shared<const sha256_digest>(hash_of(what.who->pid));
  }
  submitted_command e{
      session::command::join{user, what.code, what.who->name, what.who->instrument, what.who->move,
                             std::move(pid_hash), nullptr, what.who->request_id},
      0, "session:join", std::nullopt, from};
  e.is_from_shard = true;
  e.question = what.question;
  // After a restart, or because an earlier join is still being appended, although its user is gone,
  // or the message is late.
  if (entering_.count(user) != 0 || directory_.room_of(user) != nullptr || away_.count(user) != 0 ||
      socket_of(user) != nullptr) {
    return refuse(e, {session::refusal::try_again, {}});
  }
  if (!away_.empty()) free_seat_for(now, user, what.code, what.address);
  submit(now, std::move(e));
}

void application::answer_entered(const submitted_command& e) {
  const session::participant_id user = user_of(e.command);
  const auto entering = entering_.find(user);
  // An operator may have closed the room or removed the participant meanwhile.
  const bool is_in = directory_.room_of(user) != nullptr;
  if (is_in && !entering->second.is_gone) {
    entering->second.is_appended = true;
    drop_elsewhere(user);
    return answer_reserved(e, user);
  }
  const std::string code = entering->second.room;
  entering_.erase(entering);
  if (is_in) leave_entered(e.now, user, code);
  // Somebody may still wait for an answer.
  refuse(e, {session::refusal::session_not_found, code});
  follow_again(e.now, user);
}

void application::leave_entered(instant_ms now, const session::participant_id& user,
                                const std::string& code) {
  if (node_ == 0) return submit(now, {session::command::disconnect{user}, 0, "", std::nullopt});
  // It may be back at another node, which has a say in where it is.
  const session::room* const room = directory_.find(code);
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
  if (self == nullptr || self->is_away || self->node != node_) return;
  submit(now, {session::command::move_away{user, code}, 0, "", std::nullopt});
}

void application::give_up_entering(instant_ms now, const session::participant_id& user) {
  const auto entering = entering_.find(user);
  if (entering == entering_.end()) return;
  if (entering->second.is_appended) {
    const std::string entered = entering->second.room;
    entering_.erase(entering);
    leave_entered(now, user, entered);
    return follow_again(now, user);
  }
  const std::string code = entering->second.room;
  auto& not_sent = queues_.find(code)->second.waiting;
  const auto at = std::find_if(not_sent.begin(), not_sent.end(), [&](const pending_command& one) {
    return one.what.is_from_shard && user_of(one.what.command) == user;
  });
  if (at == not_sent.end()) {
    entering->second.is_gone = true;
    return;
  }
  pending_command what = std::move(*at);
  not_sent.erase(at);
  entering_.erase(entering);
  what.what.now = now;
  drop_promises(what);
  refuse(what.what, {session::refusal::session_not_found, code});
  flush(now, code);
  follow_again(now, user);
}

void application::arrive(instant_ms now, const socketio::socket& socket, submitted_command e) {
  e.now = now;
  const session::participant_id user = participant_of(socket);
  const auto entering = entering_.find(user);
  const bool is_in = entering != entering_.end() && entering->second.is_appended;
  const std::string entered = is_in ? entering->second.room : std::string();
  if (is_in) entering_.erase(entering);
  const session::room* const room = is_in ? directory_.room_of(user) : nullptr;
  const auto* const self = room == nullptr ? nullptr : find_participant(*room, user);
  if (self == nullptr || room->code != entered || self->is_away || self->node != node_) {
    // An operator has closed the room in this moment, or another node has moved the participant.
    // The client believes to be in the one that it has left: it must connect again, and hears where
    // it is.
    give_up_entering(now, user);
    leave_formers(now, user);
    if (node_ != 0 && is_in) mend_if_due(now, entered);
    if (room == nullptr) remember_end(socket, "unknown");
    return server_.close(socket);
  }
  draw_token(socket, e);
  const std::string code = room->code;
  tell_shards_of_entry(*self);
  enter(e, socket, code);
  success_ = list_json(now, user, *room, false);
  answer_ = "session:joined";
  emit(&socket, answer_, with_member(success_, "resumeToken", e.token.text), code);
  finish(e);
  if (!e.token.hash) return;
  submit(now, {session::command::change_secrets{user, socket.pid_hash, e.token.hash}, socket.number,
               "", std::nullopt});
}

template <class Command>
std::unordered_map<socketio::socket_number, application::pending_remote>::iterator
application::find_waiting(std::string_view user, shard_index from) {
  const socketio::socket* const socket = server_.find(main_namespace, user);
  const auto wait =
      socket == nullptr ? pending_remotes_.end() : pending_remotes_.find(socket->number);
  // An answer to something else, or from somebody else, is no answer.
  const bool is_asked = wait != pending_remotes_.end() && wait->second.asked == from &&
                        std::holds_alternative<Command>(wait->second.command.command);
  return is_asked ? wait : pending_remotes_.end();
}

template <class Command>
const socketio::socket* application::answered(std::string_view user, shard_index from,
                                              submitted_command& command) {
  const auto wait = find_waiting<Command>(user, from);
  if (wait == pending_remotes_.end()) return nullptr;
  const socketio::socket* const socket = server_.find(wait->first);
  command = std::move(wait->second.command);
  pending_remotes_.erase(wait);
  return socket;
}

std::string_view application::limit_of(shard_message::reservation_answer::outcome how) {
  using outcome = shard_message::reservation_answer::outcome;
  if (how == outcome::address_limited) return "failed_joins_per_hour_by_address";
  if (how == outcome::lockdown_limited) return "failed_joins_per_day";
  return {};
}

void application::on_message(instant_ms now, shard_index from,
                             const shard_message::reservation_answer& what) {
  using outcome = shard_message::reservation_answer::outcome;
  const auto asked = find_waiting<session::command::join>(what.user, from);
  if (asked != pending_remotes_.end() && asked->second.question != what.question) return;
  if (what.how == outcome::reserved) {
    // A client that is gone has released its reservation already. Ignore answers that the client
    // does not wait for, and those of another shard.
    if (asked == pending_remotes_.end()) return;
    const socketio::socket* const socket = server_.find(asked->first);
    leave_for_another_shard(now, *socket);
    return server_.move(*socket, from);
  }
  submitted_command command{};
  const auto* const socket = answered<session::command::join>(what.user, from, command);
  if (socket == nullptr) return;
  if (const std::string_view limit = limit_of(what.how); !limit.empty()) {
    refuse_for_rate(*socket, command.ack_id, command.event, limit);
    return end_wait(now, *socket);
  }
  command.now = now;
  command.weight = what.weight;
  const auto reason = what.how == outcome::full        ? session::refusal::session_full
                      : what.how == outcome::not_saved ? session::refusal::try_again
                                                       : session::refusal::session_not_found;
  if (const auto* const join = std::get_if<session::command::join>(&command.command)) {
    refuse(command, session::refused{reason, join->code});
  }
  end_wait(now, *socket);
}

void application::on_message(instant_ms now, shard_index from,
                             const shard_message::cancel_reservation& what) {
  const session::participant_id user(what.user);
  const auto entering = entering_.find(user);
  if (entering != entering_.end()) {
    if (entering->second.shard == from) give_up_entering(now, user);
    return;
  }
  submit(now, {session::command::cancel_reservation{session::participant_id(what.user)}, 0, "",
               std::nullopt});
}

std::unique_ptr<migrated_state> application::detach(instant_ms now,
                                                    const socketio::socket& socket) {
  auto state = std::make_unique<migrated_socket>();
  if (const auto wait = pending_remotes_.find(socket.number); wait != pending_remotes_.end()) {
    state->pending = std::move(wait->second.command);
    pending_remotes_.erase(wait);
  }
  answer_held(socket);
  if (auto unfinished = take_pending(now, socket)) {
    state->failed = migrated_socket::failed_command{unfinished->event, unfinished->ack_id};
  }
  // A client that migrates to join a session there has left its old session already.
  leave_for_another_shard(now, socket);
  return state;
}

void application::leave_for_another_shard(instant_ms now, const socketio::socket& socket) {
  const session::participant_id user = participant_of(socket);
  const session::room* const place = directory_.room_of(user);
  if (place == nullptr) return;
  submitted_command e{session::command::move_away{user, place->code}, socket.number, "",
                      std::nullopt};
  submit(now, std::move(e));
}

void application::attach(instant_ms now, const socketio::socket& socket,
                         std::unique_ptr<migrated_state> state) {
  may_restore_ = false;
  auto& moved = static_cast<migrated_socket&>(*state);
  server_.want_offsets(socket, state_of(socket).wants_offsets);
  if (moved.failed) {
    constexpr auto why = session::refusal::try_again;
    fail(socket, moved.failed->ack_id, moved.failed->event, message_of(why), code_of(why));
  }
  const bool is_to_enter =
      moved.pending && std::holds_alternative<session::command::join>(moved.pending->command);
  if (!is_to_enter) give_up_entering(now, participant_of(socket));
  if (moved.pending) {
    if (is_to_enter && is_journaled()) {
      arrive(now, socket, *std::move(moved.pending));
    } else {
      if (is_to_enter) draw_token(socket, *moved.pending);
      submit(now, *std::move(moved.pending));
    }
  }
  resume_unless_pending(now, socket);
}

std::string application::migrated_socket::write() const {
  json::object_writer json;
  if (failed) {
    const std::string_view command = failed->event.substr(std::string_view("session:").size());
    return json.text("failed", command).id("ackId", failed->ack_id).done();
  }
  if (!pending) return json.done();
  if (const auto* const join = std::get_if<session::command::join>(&pending->command)) {
    json.text("pending", "join")
        .text("roomCode", join->code)
        .text("name", join->name)
        .text("instrument", join->instrument);
    write_move(json, join->move);
  } else if (const auto* const create = std::get_if<session::command::create>(&pending->command)) {
    json.text("pending", "create")
        .text("name", create->name)
        .text("instrument", create->instrument)
        .id("seed", create->seed)
        .flag("longest_code", create->needs_longest_code);
    write_move(json, create->move);
  }
  if (!pending->request_id.empty()) json.text("requestId", pending->request_id);
  return json.id("ackId", pending->ack_id).done();
}

std::unique_ptr<migrated_state> application::read_migrated(const socketio::socket& socket,
                                                           std::string_view text) const {
  if (socket.nsp != main_namespace) return nullptr;  // nobody is admitted to another
  auto read = std::make_unique<migrated_socket>();
  json::object_reader from(text);
  if (from.has("failed")) {
    const std::size_t nth = from.word("failed", {"create", "join", "update"});
    read->failed = migrated_socket::failed_command{
        journaled_events[std::min(nth, journaled_events.size() - 1)], from.optional_id("ackId")};
  } else if (from.has("pending")) {
    const session::participant_id user(socket.id);
    const bool is_join = from.word("pending", {"join", "create"}) == 0;
    std::string name = from.text("name");
    std::string instrument = from.text("instrument");
    const auto ack_id = from.optional_id("ackId");
    const auto move =
        static_cast<std::uint32_t>(from.optional_number("move", 1, most_moves).value_or(1));
    if (is_join) {
      read->pending =
          submitted_command{session::command::join{user, from.text("roomCode"), std::move(name),
                                                   std::move(instrument), move},
                            socket.number, "session:join", ack_id};
    } else {
      const std::uint64_t seed = from.id("seed");
      read->pending =
          submitted_command{session::command::create{user, std::move(name), std::move(instrument),
                                                     seed, from.flag("longest_code"), move},
                            socket.number, "session:create", ack_id};
    }
    if (from.has("requestId")) read->pending->request_id = from.text("requestId");
  }
  if (!from.is_good() || read->write() != text) return nullptr;
  return read;
}

std::string application::client_state::write() const {
  json::object_writer json;
  json.id("draws", draws.state())
      .number("events", events.tat_ns())
      .number("joins", joins.tat_ns())
      .number("failedJoins", failed_joins.tat_ns())
      .number("notices", notices.tat_ns());
  if (returns.tat_ns() != 0) json.number("returns", returns.tat_ns());
  if (moves != 0) json.number("moves", moves);
  if (wants_token) json.flag("wantsToken", true);
  if (wants_offsets) json.flag("wantsOffsets", true);
  if (entered_at != 0) json.id("enteredAt", entered_at);
  if (answered.empty()) return json.done();
  json::array_writer requests;
  for (const answered_request& one : answered) {
    requests.raw(json::object_writer()
                     .text("requestId", one.id)
                     .text("answer", one.event)
                     .text("roomCode", one.room)
                     .raw("success", one.success)
                     .done());
  }
  return json.raw("answered", requests.done()).done();
}

std::unique_ptr<socketio::client_memory> application::read_memory(std::string_view text) const {
  json::object_reader from(text);
  auto read = std::make_unique<client_state>(from.id("draws"));
  const auto used = [&](std::string_view key) {
    return rate_limiter::from_ns(from.number(key, 0, rate_limiter::most_ns));
  };
  read->events = used("events");
  read->joins = used("joins");
  read->failed_joins = used("failedJoins");
  read->notices = used("notices");
  read->returns =
      rate_limiter::from_ns(from.optional_number("returns", 1, rate_limiter::most_ns).value_or(0));
  read->moves =
      static_cast<std::uint32_t>(from.optional_number("moves", 1, most_moves).value_or(0));
  read->wants_token = from.has("wantsToken") && from.flag("wantsToken");
  read->wants_offsets = from.has("wantsOffsets") && from.flag("wantsOffsets");
  read->entered_at = from.optional_id("enteredAt").value_or(0);
  if (from.has("answered")) {
    for (const std::string_view item : from.items("answered")) {
      json::object_reader one(item);
      std::string id = one.text("requestId");
      const std::size_t answer = one.word("answer", {"", "session:created", "session:joined"});
      std::string room = one.text("roomCode");
      const std::string_view success = one.raw("success");
      const bool is_object = !success.empty() && json::kind_of(success) == json::kind::object;
      if (!one.is_good() || !is_object || answer >= answers.size()) return nullptr;
      read->answered.push_back(
          {std::move(id), answers[answer], std::move(room), std::string(success)});
    }
  }
  if (!from.is_good() || read->write() != text) return nullptr;
  return read;
}

void application::on_message(instant_ms, shard_index from,
                             const shard_message::borrow_sessions& what) {
  send(from, shard_message::sessions_lent{what.user, directory_.lend_sessions()});
}

void application::on_message(instant_ms now, shard_index from,
                             const shard_message::sessions_lent& what) {
  directory_.borrow_sessions(what.count);
  submitted_command command;
  const auto* const socket = answered<session::command::create>(what.user, from, command);
  if (socket == nullptr) return;
  const shard_index after = here_.next(from);
  if (!directory_.may_create(session::participant_id(what.user)) && after != here_.index) {
    return ask(now, after, std::move(command));
  }
  submit(now, std::move(command));
  resume_unless_pending(now, *socket);
}

void application::on_message(instant_ms now, shard_index, const shard_message::count_join& what) {
  join_limiter_.count_join(now, what.address);
}

void application::on_message(instant_ms now, shard_index,
                             const shard_message::count_failed_join& what) {
  join_limiter_.count_failure(now, what.address, what.weight);
}

}  // namespace downbeat::jam
