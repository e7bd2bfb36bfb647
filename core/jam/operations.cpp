// Answers to operators' queries and commands.

#include "jam/application.hpp"
#include "json/writer.hpp"
#include "operations/page.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam {
namespace {

/// Only of this shard: another event loop may have the session.
std::string no_session() {
  return operations::failure("there is no session of this code", "not_found");
}

std::string no_participant() {
  return operations::failure("there is no participant of this id", "not_found");
}

}  // namespace

std::string application::answer(instant_ms, const operations::query& what) {
  return what.what == "sessions" ? page_of_sessions(what) : page_of_participants(what);
}

std::string application::page_of_sessions(const operations::query& what) const {
  const auto after = operations::number_of_cursor<std::int64_t>(what.after);
  if (!after) return operations::unknown_cursor();
  operations::page<std::int64_t, const session::room*> page(after, what.limit);
  directory_.for_each_room([&](const session::room& room) {
    if (!room.participants.empty()) page.offer(room.number, &room);
  });
  return page.answer(
      [](const session::room* room) {
        return json::object_writer()
            .text("roomCode", room->code)
            .text("hostId", room->host())
            .number("participants", static_cast<std::int64_t>(room->participants.size()))
            .done();
      },
      [](std::int64_t number) { return std::to_string(number); });
}

// Sorted by id: pages stay valid when participants join or leave.
std::string application::page_of_participants(const operations::query& what) const {
  const session::room* const room = directory_.find(what.room_code);
  if (room == nullptr || room->participants.empty()) return no_session();
  struct member {
    const session::participant* who;
    std::int64_t place;
  };
  operations::page<std::string, member> page(what.after, what.limit);
  std::int64_t place = 0;
  for (const session::participant& who : room->participants)
    page.offer(who.id.str(), {&who, ++place});
  return page.answer(
      [](const member& one) {
        return json::object_writer()
            .text("id", one.who->id)
            .text("name", one.who->name)
            .text("instrument", one.who->instrument)
            .number("place", one.place)
            .done();
      },
      [](const std::string& id) { return id; });
}

std::string application::carry_out(instant_ms now, const operations::command& what) {
  if (what.what == "disconnect_participant") {
    const auto* const socket = server_.find(main_namespace, what.participant_id);
    if (socket == nullptr && away_.count(session::participant_id(what.participant_id)) != 0) {
      end_seat(now, session::participant_id(what.participant_id), session::seat_end::kicked);
      return json::object_writer().raw("ok", "true").number("disconnected", 0).done();
    }
    if (socket == nullptr && remove_elsewhere(now, session::participant_id(what.participant_id))) {
      return json::object_writer().raw("ok", "true").number("disconnected", 1).done();
    }
    if (socket == nullptr) {
      // The shard that has the connection disconnects it.
      give_up_entering(now, session::participant_id(what.participant_id));
      return no_participant();
    }
    server_.disconnect(now, *socket, true);
    return json::object_writer().raw("ok", "true").number("disconnected", 1).done();
  }
  const session::room* const room = directory_.find(what.room_code);
  if (room == nullptr || (room->participants.empty() && room->reservations == 0))
    return no_session();
  // A client that is migrating here finds the session closed; a reservation would keep the room.
  directory_.cancel_reservations(what.room_code);
  if (room->participants.empty()) {
    submit(now, {session::command::close_if_empty{room->code}, 0, "", std::nullopt});
    return json::object_writer().raw("ok", "true").number("disconnected", 0).done();
  }
  // The list changes with each departure, so copy the ids. Disconnect the newest participant first,
  // so that nobody becomes host in between.
  std::vector<std::string> ids;
  for (const session::participant& who : room->participants) ids.push_back(who.id.str());
  std::int64_t disconnected = 0;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    const auto* const socket = server_.find(main_namespace, *id);
    if (socket == nullptr && remove_elsewhere(now, session::participant_id(*id))) {
      ++disconnected;
      continue;
    }
    if (socket == nullptr) {
      give_up_entering(now, session::participant_id(*id));
      end_seat(now, session::participant_id(*id), session::seat_end::kicked);
      continue;
    }
    server_.disconnect(now, *socket, true);
    ++disconnected;
  }
  return json::object_writer().raw("ok", "true").number("disconnected", disconnected).done();
}

}  // namespace downbeat::jam
