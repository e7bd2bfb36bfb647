// The acceptance criteria of story 7.2, one by one, over every way of connecting.

#include "core/jam/jam_story.hpp"
#include "socketio/server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

using kind = notice::kind;

/// The Socket.IO rooms that somebody is in.
std::vector<std::string> rooms_of(const jam_stage& s, const socketio_client& who) {
  std::vector<std::string> names;
  for (const socketio::server* server : s.servers) {
    const socketio::socket* const found = server->find("/", who.id());
    if (found == nullptr) continue;
    for (const auto* room : found->rooms) names.emplace_back(room->name);
  }
  return names;
}

}  // namespace

TEST_CASE("AC 1: Session Creation") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  s.line.reports();

  alice.emit("session:create", R"({ "name": "Alice" })");
  const transcript heard = alice.messages();
  REQUIRE(heard.size() == 1);
  const std::string code = member_of(heard[0], "roomCode");
  CHECK(heard[0] == created(code, alice.id()));

  // The user is the host, alone in a new session, and in its Socket.IO room.
  REQUIRE(find_room(*s.app, code));
  CHECK(find_room(*s.app, code)->host == alice.id());
  CHECK(session_count(*s.app) == 1);
  CHECK(rooms_of(s, alice) == std::vector<std::string>{code});

  CHECK(s.line.reports() ==
        std::vector<notice>{{kind::session_created, code, alice.id(), "Alice", {}, {}}});
}

TEST_CASE("AC 2: Session Joining (Success)") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  musician stranger(s.line, by);
  const std::string code = alice.create("Alice");
  s.line.reports();

  bob.join(code, "Bob", "drums");
  CHECK(bob.messages() ==
        transcript{joined(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob", "drums")},
                          bob.id(), alice.id())});
  CHECK(alice.messages() == transcript{user_joined(person(bob.id(), "Bob", "drums"))});
  CHECK(stranger.messages().empty());
  CHECK(rooms_of(s, bob) == std::vector<std::string>{code});
  CHECK(s.line.reports() ==
        std::vector<notice>{{kind::session_joined, code, bob.id(), "Bob", {}, {}}});
}

TEST_CASE("AC 3: Session Joining (Failure - Room Not Found)") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  musician charlie(s.line, by);
  alice.create("Alice");
  s.line.reports();

  charlie.join("INVALID-99", "Charlie");
  CHECK(
      charlie.messages() ==
      transcript{
          R"(42["error",{"message":"Session not found","code":"session_not_found","event":"session:join"}])"});
  CHECK(rooms_of(s, charlie).empty());
  CHECK_FALSE(room_of(*s.app, charlie.id()));
  CHECK(alice.messages().empty());
  CHECK(s.line.reports() ==
        std::vector<notice>{
            {kind::join_failed, "INVALID-99", charlie.id(), {}, "Session not found", {}}});
}

TEST_CASE("AC 4: Session Leaving (Explicit)") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  musician carol(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  carol.join(code, "Carol");
  for (auto* who : {&alice, &bob, &carol}) who->messages();
  s.line.reports();

  bob.leave(code);
  CHECK(bob.messages().empty());
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  CHECK(carol.messages() == transcript{user_left(bob.id())});
  CHECK(rooms_of(s, bob).empty());
  CHECK_FALSE(room_of(*s.app, bob.id()));
  CHECK(find_room(*s.app, code)->participants.size() == 2);
  CHECK(s.line.reports() == std::vector<notice>{{kind::session_left, code, bob.id(), {}, {}, {}}});
}

TEST_CASE("AC 5: Session Leaving (Disconnection)") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();
  s.line.reports();
  std::string reason;

  SECTION("he closes his browser, or loses his network") {
    bob.vanish();
    reason = by == transport_kind::polling ? "transport error" : "transport close";
  }
  SECTION("he disconnects") {
    bob.send("41");
    reason = "client namespace disconnect";
  }
  SECTION("he falls silent") {
    // Alice answers her pings.
    for (int second = 0; second < 45; ++second) {
      CHECK(alice.is_open());
      s.line.advance(1'000);
    }
    reason = "ping timeout";
  }
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  CHECK(find_room(*s.app, code)->participants.size() == 1);
  CHECK_FALSE(room_of(*s.app, bob.id()));
  auto reports = s.line.reports();
  reports.erase(std::remove_if(reports.begin(), reports.end(),
                               [](const notice& n) { return n.what == kind::protocol_error; }),
                reports.end());
  CHECK(reports == std::vector<notice>{{kind::client_disconnected, {}, bob.id(), {}, reason, {}},
                                       {kind::session_left, code, bob.id(), {}, {}, {}}});
}

TEST_CASE("AC 6: Participant Data Structure") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  alice.emit("session:create", R"({"name":"Alice","instrument":"piano"})");
  const std::string code = member_of(alice.last_message(), "roomCode");
  bob.emit("session:join", R"({"name":"Bob","roomCode":")" + code + "\"}");
  CHECK(bob.messages() ==
        transcript{R"(42["session:joined",{"roomCode":")" + code + R"(","participants":[{"id":")" +
                   alice.id() + R"(","name":"Alice","instrument":"piano"},{"id":")" + bob.id() +
                   R"(","name":"Bob","instrument":"unknown"}],"userId":")" + bob.id() +
                   R"(","hostId":")" + alice.id() + R"("}])"});
  CHECK(alice.messages() == transcript{R"(42["session:user-joined",{"user":{"id":")" + bob.id() +
                                       R"(","name":"Bob","instrument":"unknown"}}])"});
}

TEST_CASE("AC 7: Room Code Generation") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  std::set<std::string> codes;
  std::vector<std::unique_ptr<musician>> hosts;
  for (int i = 0; i < 100; ++i) {
    hosts.push_back(std::make_unique<musician>(s.line, by));
    const std::string code = hosts.back()->create("Host");
    CHECK(code.size() <= 10);
    const auto hyphen = code.find('-');
    REQUIRE(hyphen != std::string::npos);
    CHECK(std::all_of(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(hyphen),
                      [](unsigned char c) { return std::isupper(c) != 0; }));
    CHECK(codes.insert(code).second);
  }
  // Codes are forgiving: case, space, separator.
  const std::string code = *codes.begin();
  std::string lower_case = code;
  for (char& c : lower_case) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string without_hyphen = code;
  without_hyphen.erase(without_hyphen.find('-'), 1);
  for (const std::string& typed : {code, lower_case, without_hyphen, "  " + code + "\\n"}) {
    CAPTURE(typed);
    musician bob(s.line, by);
    bob.join(typed, "Bob");
    CHECK(member_of(bob.last_message(), "roomCode") == code);
  }
}

}  // namespace downbeat::jam::test
