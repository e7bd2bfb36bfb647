// Rooms on other shards. Whoever wants to join one waits for a seat there, and then moves:
//
//     here                                there
//     the client is held
//     seat_wanted            ─────────▶   a seat is held; the room is kept for it
//                            ◀─────────   seat_answered
//     it leaves its old room
//     the connection         ═════════▶   it takes the seat, and everybody is told
//                                         its messages that were held are heard
//
// If there is no seat, the client gets its error and goes on here. If it is gone before the answer
// comes, it gives the seat up. Until it moves it hears its old room.
//
// The limit of sessions is shared out among the shards. One whose part is used up asks the others
// in turn for what they have to spare, and holds its client meanwhile, too.

#include "jam/application.hpp"
#include "session/room_key.hpp"

#include <utility>
#include <variant>

namespace downbeat::jam {

struct application::packed_guest final : luggage {
  packed_guest(guest its_guest, entry its_command)
      : who(std::move(its_guest)), command(std::move(its_command)) {}

  guest who;
  entry command{};
};

std::optional<shard_index> application::other_shard_of(std::string_view code) const {
  if (here_.count == 1) return std::nullopt;
  const auto key = session::fold(code);
  if (!key) return std::nullopt;
  const shard_index owner = session::shard_of(*key, here_.count);
  return owner == here_.index ? std::nullopt : std::optional(owner);
}

void application::ask(shard_index whom, entry command) {
  const socketio::socket& from = *server_.find(command.caller);
  if (const auto* join = std::get_if<session::command::join>(&command.command)) {
    outputs_.tell(
        whom, between_shards::seat_wanted{join->user.str(), join->code, guest_at(from).address});
  } else {
    outputs_.tell(whom, between_shards::sessions_wanted{from.id});
  }
  server_.hold(from);
  waiting_.insert_or_assign(from.number, waiting{std::move(command), whom});
}

void application::give_up_waiting(const socketio::socket& socket) {
  const auto wait = waiting_.find(socket.number);
  if (wait == waiting_.end()) return;
  const auto& [what, asked] = wait->second;
  if (std::holds_alternative<session::command::join>(what.command)) {
    outputs_.tell(asked, between_shards::seat_given_up{socket.id});
  }
  waiting_.erase(wait);
}

void application::told(instant_ms now, shard_index from, const between_shards::message& message) {
  now_ = now;
  std::visit([&](const auto& what) { told_by(from, what); }, message.what);
}

// Seats.

void application::told_by(shard_index from, const between_shards::seat_wanted& what) {
  if (const auto limit = flaw_of_search(what.address, what.code); !limit.empty()) {
    outputs_.tell(from, between_shards::seat_answered{
                            what.user, between_shards::seat_answered::outcome::limited, 0, limit});
    return;
  }
  submit({session::command::hold_seat{what.user, what.code}, 0, "", std::nullopt, from});
}

void application::tell(const entry& e, const session::event::seat_held& event) {
  outputs_.tell(e.asker, between_shards::seat_answered{
                             event.user.str(), between_shards::seat_answered::outcome::held});
}

const socketio::socket* application::answered(const session::user_id& user, entry& command) {
  const socketio::socket* socket = server_.find("/", user);
  if (socket == nullptr) return nullptr;
  const auto wait = waiting_.find(socket->number);
  if (wait == waiting_.end()) return nullptr;
  command = std::move(wait->second.command);
  waiting_.erase(wait);
  return socket;
}

void application::told_by(shard_index from, const between_shards::seat_answered& what) {
  using outcome = between_shards::seat_answered::outcome;
  if (what.how == outcome::held) {
    // Who is gone has given the seat up already.
    const socketio::socket* socket = server_.find("/", what.user);
    if (socket == nullptr) return;
    submit({session::command::disconnect{what.user}, socket->number, "", std::nullopt});
    return server_.move(*socket, from);
  }
  entry command{};
  const socketio::socket* socket = answered(what.user, command);
  if (socket == nullptr) return;
  if (what.how == outcome::limited) {
    refuse_for_rate(*socket, command.ack_id, command.event, what.limit);
    return server_.resume(now_, *socket);
  }
  command.price = what.price;
  const auto reason = what.how == outcome::full ? session::refusal::session_full
                                                : session::refusal::session_not_found;
  const auto& join = std::get<session::command::join>(command.command);
  tell(command, session::event::refused{join.user, reason, join.code});
  server_.resume(now_, *socket);
}

void application::told_by(shard_index, const between_shards::seat_given_up& what) {
  submit({session::command::free_seat{what.user}, 0, "", std::nullopt});
}

std::unique_ptr<luggage> application::pack(const socketio::socket& socket) {
  const auto wait = waiting_.find(socket.number);
  auto packed =
      std::make_unique<packed_guest>(std::move(guest_at(socket)), std::move(wait->second.command));
  guests_.erase(socket.number);
  waiting_.erase(wait);
  return packed;
}

void application::unpack(instant_ms now, const socketio::socket& socket,
                         std::unique_ptr<luggage> content) {
  now_ = now;
  auto& packed = static_cast<packed_guest&>(*content);
  guests_.emplace(socket.number, std::make_unique<guest>(std::move(packed.who)));
  submit(std::move(packed.command));
  server_.resume(now, socket);
}

// Sessions.

void application::told_by(shard_index from, const between_shards::sessions_wanted& what) {
  outputs_.tell(from, between_shards::sessions_lent{what.user, directory_.lend_sessions()});
}

void application::told_by(shard_index from, const between_shards::sessions_lent& what) {
  directory_.borrow_sessions(what.count);
  entry command;
  const socketio::socket* socket = answered(what.user, command);
  if (socket == nullptr) return;
  const shard_index after = here_.next(from);
  if (!directory_.may_create(what.user) && after != here_.index) {
    return ask(after, std::move(command));
  }
  submit(std::move(command));
  server_.resume(now_, *socket);
}

// Rates.

void application::told_by(shard_index, const between_shards::entered& what) {
  doors_.count_entry(now_, what.address);
}

void application::told_by(shard_index, const between_shards::join_failed& what) {
  doors_.count_failure(now_, what.address, what.price);
}

}  // namespace downbeat::jam
