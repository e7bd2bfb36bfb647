#include "micro/cases.hpp"

#include "micro/stage.hpp"
#include "session/command.hpp"
#include "session/directory.hpp"
#include "socketio/packet.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::bench {
namespace {

/// Results are stored here, so that the compiler must compute them.
volatile std::size_t kept;

/// Ends the program unless this much was sent: otherwise the case would measure something else.
void expect_sent(const stage& all, std::size_t before, std::int64_t times, std::size_t bytes) {
  if (all.sent_bytes() - before < static_cast<std::size_t>(times) * bytes) std::abort();
}

repeated_work parse_an_event() {
  return [text = std::string(played_event().substr(1))](std::int64_t times) {
    std::string scratch;
    for (; times > 0; --times) {
      const auto parsed = socketio::parse(text, 10, scratch);
      kept = std::get<socketio::packet>(parsed).json.size();
    }
  };
}

repeated_work encode_an_event() {
  return [text = std::string(played_event().substr(1))](std::int64_t times) {
    std::string scratch;
    const auto parsed = std::get<socketio::packet>(socketio::parse(text, 10, scratch));
    for (; times > 0; --times) kept = socketio::encode(parsed).size();
  };
}

repeated_work relay_to_10() {
  const auto room = std::make_shared<stage>();
  std::vector<transport_id> members = {room->connect()};
  const auto company = room->create_room(members.front());
  while (members.size() < 11) {
    members.push_back(room->connect());
    room->hear(members.back(), company.join);
  }
  return [room, members](std::int64_t times) {
    const std::size_t before = room->sent_bytes();
    std::size_t next = 0;
    for (std::int64_t i = 0; i < times; ++i) {
      room->hear(members[next], played_event());
      next = next + 1 == members.size() ? 0 : next + 1;
    }
    expect_sent(*room, before, times, 10 * played_event().size());
  };
}

repeated_work join_and_leave() {
  const auto room = std::make_shared<stage>();
  const auto company = room->create_room(room->connect());
  const transport_id participant = room->connect();
  return [room, company, participant](std::int64_t times) {
    const std::size_t before = room->sent_bytes();
    for (std::int64_t i = 0; i < times; ++i) {
      room->hear(participant, company.join);
      room->hear(participant, company.leave);
    }
    constexpr std::size_t joined_and_notified = 300;
    expect_sent(*room, before, times, joined_and_notified);
  };
}

repeated_work create_join_and_leave() {
  const auto room = std::make_shared<stage>();
  const transport_id host = room->connect();
  const transport_id participant = room->connect();
  return [room, host, participant](std::int64_t times) {
    const std::size_t before = room->sent_bytes();
    for (std::int64_t i = 0; i < times; ++i) {
      const auto company = room->create_room(host);
      room->hear(participant, company.join);
      room->hear(participant, company.leave);
      room->hear(host, company.leave);
    }
    constexpr std::size_t created_joined_and_notified = 380;
    expect_sent(*room, before, times, created_joined_and_notified);
  };
}

repeated_work connect_and_close() {
  const auto room = std::make_shared<stage>();
  return [room](std::int64_t times) {
    for (; times > 0; --times) room->lose(room->connect());
    kept = room->sent_bytes();
  };
}

repeated_work polling_round_trip() {
  const auto room = std::make_shared<stage>();
  const std::string host = room->connect_polling();
  const std::string participant = room->connect_polling();
  room->post(host, create_message());
  room->get(host);
  const std::string code = text_member(room->last_text(), "roomCode");
  room->post(participant, R"(42["session:join",{"roomCode":")" + code + R"(","name":"Robert"}])");
  room->get(participant);
  room->get(host);
  return [room, host, participant](std::int64_t times) {
    const std::size_t before = room->sent_bytes();
    for (std::int64_t i = 0; i < times; ++i) {
      room->get(participant);  // stays pending until the event
      room->post(host, played_event());
    }
    expect_sent(*room, before, times, played_event().size());
  };
}

/// Decides a command and applies its events. Returns their number.
std::size_t carry_out(session::directory& all, const session::any_command& command) {
  const auto events = std::get<std::vector<session::any_event>>(all.decide(command));
  for (const session::any_event& event : events) all.evolve(event);
  return events.size();
}

/// Opens and closes a room while this many others exist.
template <std::int64_t live_rooms>
repeated_work room_code() {
  const auto all = std::make_shared<session::directory>(session::limits{0, 0});
  const auto random = std::make_shared<splitmix64>(7);
  const auto open = [all, random](const session::user_id& user) {
    return carry_out(*all, session::command::create{user, "Clara", "piano", random->next()});
  };
  for (std::int64_t i = 1; i < live_rooms; ++i) open(session::user_id("user " + std::to_string(i)));
  return [all, open](std::int64_t times) {
    const session::user_id user = "the user in question";
    for (; times > 0; --times) {
      kept = open(user);
      kept = carry_out(*all, session::command::disconnect{user});
    }
    if (all->session_count() != live_rooms - 1) std::abort();
  };
}

constexpr std::array<micro_case, 10> cases = {{
    {"parse an event", &parse_an_event},
    {"encode an event", &encode_an_event},
    {"relay an event to 10", &relay_to_10},
    {"join and leave", &join_and_leave},
    {"create, join, leave, close", &create_join_and_leave},
    {"connect and close", &connect_and_close},
    {"polling round trip", &polling_round_trip},
    {"open and close a room among 10", &room_code<10>},
    {"open and close a room among 10,000", &room_code<10'000>},
    {"open and close a room among 1,000,000", &room_code<1'000'000>},
}};

}  // namespace

std::span<const micro_case> micro_cases() {
  return cases;
}

}  // namespace downbeat::bench
