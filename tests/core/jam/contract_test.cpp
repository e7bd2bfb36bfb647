// Every row of the event contract, with an acknowledgement and without, to the last byte.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <vector>

namespace downbeat::jam::test {
namespace {

/// Alice and Bob share a session, and have looked at all that came.
struct duet : jam_stage {
  explicit duet(const options& options = {}) : jam_stage(options) {
    code = alice.create("Alice");
    bob.join(code, "Bob");
    alice.messages();
    bob.messages();
    line.reports();
  }

  musician alice{line};
  musician bob{line};
  std::string code;
};

std::string members_of(const std::string& object) {
  return object.substr(1, object.size() - 2);
}

}  // namespace

TEST_CASE("session:create answers session:created, then the acknowledgement") {
  jam_stage s;
  musician alice(s.line, GENERATE(values(all_transports)));
  const std::string payload = R"({"name":"Alice","instrument":"harp"})";
  SECTION("without") {
    alice.emit("session:create", payload);
    const transcript heard = alice.messages();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0] == created(member_of(heard[0], "roomCode"), alice.id()));
  }
  SECTION("with") {
    alice.emit_with_ack("session:create", payload);
    const transcript heard = alice.messages();
    REQUIRE(heard.size() == 2);
    const std::string code = member_of(heard[0], "roomCode");
    CHECK(heard[0] ==
          R"(42["session:created",{"roomCode":")" + code + R"(","userId":")" + alice.id() + "\"}]");
    CHECK(heard[1] ==
          R"(430[{"ok":true,"roomCode":")" + code + R"(","userId":")" + alice.id() + "\"}]");
  }
}

TEST_CASE("session:join answers session:joined, then the acknowledgement; others get user-joined") {
  duet s;
  musician carol(s.line, GENERATE(values(all_transports)));
  const std::string payload =
      R"({"roomCode":")" + s.code + R"(","name":"Carol","instrument":"oud"})";
  const std::string carol_seen = person(carol.id(), "Carol", "oud");
  const std::string answer =
      joined_json(s.code, {person(s.alice.id(), "Alice"), person(s.bob.id(), "Bob"), carol_seen},
                  carol.id(), s.alice.id());
  SECTION("without") {
    carol.emit("session:join", payload);
    CHECK(carol.messages() == transcript{event("session:joined", answer)});
  }
  SECTION("with") {
    carol.emit_with_ack("session:join", payload);
    CHECK(carol.messages() ==
          transcript{event("session:joined", answer), acked(0, members_of(answer))});
  }
  CHECK(s.alice.messages() == transcript{user_joined(carol_seen)});
  CHECK(s.bob.messages() == transcript{user_joined(carol_seen)});
}

TEST_CASE("session:leave answers the acknowledgement only; the others get user-left") {
  duet s;
  const std::string payload = R"({"roomCode":")" + s.code + "\"}";
  SECTION("without") {
    s.bob.emit("session:leave", payload);
    CHECK(s.bob.messages().empty());
  }
  SECTION("with") {
    s.bob.emit_with_ack("session:leave", payload);
    CHECK(s.bob.messages() == transcript{R"(430[{"ok":true}])"});
  }
  CHECK(s.alice.messages() ==
        transcript{R"(42["session:user-left",{"userId":")" + s.bob.id() + "\"}]"});
}

TEST_CASE("session:leave of the host sends the others user-left, then host-changed") {
  duet s;
  s.alice.emit_with_ack("session:leave", R"({"roomCode":")" + s.code + "\"}");
  CHECK(s.alice.messages() == transcript{R"(430[{"ok":true}])"});
  CHECK(s.bob.messages() ==
        transcript{R"(42["session:user-left",{"userId":")" + s.alice.id() + "\"}]",
                   R"(42["session:host-changed",{"hostId":")" + s.bob.id() + "\"}]"});
}

TEST_CASE("session:update answers the acknowledgement only; the others get user-updated") {
  duet s;
  using row = std::tuple<std::string, std::string, std::string>;
  const auto [payload, name, instrument] = GENERATE(values<row>({
      {R"({"name":"Bobby"})", "Bobby", "unknown"},
      {R"({"instrument":"bass"})", "Bob", "bass"},
      {R"({"name":" Bobby ","instrument":"bass"})", "Bobby", "bass"},
      {"{}", "Bob", "unknown"},
  }));
  const std::string seen = person(s.bob.id(), name, instrument);
  SECTION("without") {
    s.bob.emit("session:update", payload);
    CHECK(s.bob.messages().empty());
  }
  SECTION("with") {
    s.bob.emit_with_ack("session:update", payload);
    CHECK(s.bob.messages() == transcript{R"(430[{"ok":true}])"});
  }
  CHECK(s.alice.messages() == transcript{R"(42["session:user-updated",{"user":)" + seen + "}]"});
}

TEST_CASE("session:event answers the acknowledgement only; the others get it") {
  duet s;
  const std::string payload = R"({"type":"note","data":{"pitch":64}})";
  SECTION("without") {
    s.bob.emit("session:event", payload);
    CHECK(s.bob.messages().empty());
  }
  SECTION("with") {
    s.bob.emit_with_ack("session:event", payload);
    CHECK(s.bob.messages() == transcript{R"(430[{"ok":true}])"});
  }
  CHECK(s.alice.messages() == transcript{R"(42["session:event",{"userId":")" + s.bob.id() +
                                         R"(","type":"note","data":{"pitch":64}}])"});
}

TEST_CASE("a failure is an error event to the caller alone, then the acknowledgement") {
  options options;
  options.session.max_participants = 2;
  options.session.max_sessions = 1;
  duet s(options);
  musician carol(s.line);
  struct failure {
    std::string event;
    std::string payload;
    std::string message;
    std::string code;
  };
  const std::string other = R"({"roomCode":"INVALID-99"})";
  const std::vector<failure> failures = {
      {"session:create", R"({"name":"Carol"})", "Server is full", "server_full"},
      {"session:create", "{}", "name is required", "invalid_payload"},
      {"session:join", R"({"roomCode":"INVALID-99","name":"Carol"})", "Session not found",
       "session_not_found"},
      {"session:join", R"({"roomCode":")" + s.code + R"(","name":"Carol"})", "Session is full",
       "session_full"},
      {"session:join", R"({"roomCode":"X"})", "name is required", "invalid_payload"},
      {"session:leave", R"({"roomCode":")" + s.code + "\"}", "Not in this session",
       "not_in_session"},
      {"session:leave", "{}", "roomCode is required", "invalid_payload"},
      {"session:update", R"({"name":"Carol"})", "Not in this session", "not_in_session"},
      {"session:update", R"({"name":1})", "name must be a string", "invalid_payload"},
      {"session:event", R"({"type":"note"})", "Not in this session", "not_in_session"},
      {"session:event", "{}", "type is required", "invalid_payload"},
  };
  for (const failure& f : failures) {
    CAPTURE(f.event, f.payload);
    const std::string told = R"(42["error",{"message":")" + f.message + R"(","code":")" + f.code +
                             R"(","event":")" + f.event + "\"}]";
    carol.emit(f.event, f.payload);
    CHECK(carol.messages() == transcript{told});
    const auto ack = carol.emit_with_ack(f.event, f.payload);
    CHECK(carol.messages() ==
          transcript{told, "43" + std::to_string(ack) + R"([{"ok":false,"error":{"message":")" +
                               f.message + R"(","code":")" + f.code + "\"}}]"});
  }
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.messages().empty());
  CHECK(s.line.measure("sessions") == 1);
  CHECK(s.line.measure("participants") == 2);
  CHECK(s.line.measure("rooms") == 1);
}

TEST_CASE("leaving needs the code of one's own session") {
  duet s;
  s.bob.leave("INVALID-99");
  CHECK(s.bob.messages() ==
        transcript{error("Not in this session", "not_in_session", "session:leave")});
  CHECK(s.alice.messages().empty());
  musician carol(s.line);
  const std::string other = carol.create("Carol");
  s.bob.leave(other);
  CHECK(s.bob.messages() ==
        transcript{error("Not in this session", "not_in_session", "session:leave")});
  CHECK(carol.messages().empty());
}

TEST_CASE("fields that the contract does not name are ignored") {
  duet s;
  musician carol(s.line);
  carol.emit("session:join", R"({"userId":"x","roomCode":")" + s.code +
                                 R"(","future":{"a":[1]},"name":"Carol","id":7})");
  CHECK(s.alice.messages() == transcript{user_joined(person(carol.id(), "Carol"))});
  s.bob.emit("session:update", R"({"instrument":"bass","id":"x","host":true})");
  CHECK(s.alice.messages() == transcript{user_updated(person(s.bob.id(), "Bob", "bass"))});
  s.bob.emit("session:event", R"({"to":"x","type":"t","data":1,"userId":"x"})");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"t","data":1)")});
}

TEST_CASE("further arguments are ignored, and so are unknown events, acknowledged or not") {
  duet s;
  s.bob.emit("session:event", R"({"type":"t"},"more",{"type":2})");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"t")")});
  for (const auto* unknown : {"session", "session:", "Session:create", "session:created", "error",
                              "session:create ", "ping"}) {
    s.bob.emit(unknown, R"({"name":"Bob"})");
    s.bob.emit_with_ack(unknown, R"({"name":"Bob"})");
  }
  s.bob.send(R"(42[7,{"name":"Bob"}])");
  CHECK(s.bob.messages().empty());
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.is_open());
}

TEST_CASE("an event's name may be spelled with escapes") {
  duet s;
  s.bob.send(R"(42["session\u003aevent",{"\u0074ype":"t"}])");
  CHECK(s.alice.messages() == transcript{relayed(s.bob.id(), R"("type":"t")")});
}

TEST_CASE("only the main namespace exists") {
  jam_stage s;
  musician alice(s.line);
  alice.send("40/admin,");
  CHECK(alice.messages() == transcript{R"(44/admin,{"message":"Invalid namespace"})"});
}

TEST_CASE("a participant's id is the public id of the socket, and nobody learns the private one") {
  duet s;
  musician carol(s.line);
  carol.join(s.code, "Carol");
  s.bob.emit("session:event", R"({"type":"t"})");
  transcript all = s.alice.messages();
  for (const std::string& text : carol.messages()) all.push_back(text);
  for (const std::string& text : all) {
    for (const auto* who : {&s.alice, &s.bob, &carol}) {
      CHECK(text.find(who->sid()) == std::string::npos);
    }
  }
}

}  // namespace downbeat::jam::test
