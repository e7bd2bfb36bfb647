// Requests with an id: one that comes again is answered again, and does nothing twice.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

namespace downbeat::jam::test {
namespace {

TEST_CASE("a create that comes again is answered again, and makes no second session") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  alice.emit_with_ack("session:create", R"({"name":"Alice","requestId":"one"})");
  const transcript first = alice.messages();
  REQUIRE(first.size() == 2);
  const std::string code = member_of(first[0], "roomCode");
  CHECK(alice.emit_with_ack("session:create", R"({"name":"Alice","requestId":"one"})") == 1);
  CHECK(alice.messages() ==
        transcript{first[0],
                   acked(1, R"("roomCode":")" + code + R"(","userId":")" + alice.id() + '"')});
  CHECK(session_count(*s.app) == 1);
  CHECK(s.line.measure("sessions_created_total") == 1);
  // When somebody has joined since, the answer says so.
  musician bob(s.line);
  bob.join(code, "Bob");
  alice.messages();
  alice.emit("session:create", R"({"name":"Alice","requestId":"one"})");
  CHECK(alice.messages() ==
        transcript{first[0], joined(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")},
                                    alice.id(), alice.id())});
  // Without the id, or with another, it is another request.
  alice.emit("session:create", R"({"name":"Alice","requestId":"two"})");
  CHECK(member_of(alice.last_message(), "roomCode") != code);
}

TEST_CASE("a join that comes again is answered with who is there now") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  const std::string payload = R"({"roomCode":")" + code + R"(","name":"Bob","requestId":"join"})";
  bob.emit("session:join", payload);
  bob.messages();
  musician carol(s.line);
  carol.join(code, "Carol");
  alice.messages();
  bob.messages();
  bob.emit("session:join", payload);
  CHECK(bob.messages() == transcript{joined(code,
                                            {person(alice.id(), "Alice"), person(bob.id(), "Bob"),
                                             person(carol.id(), "Carol")},
                                            bob.id(), alice.id())});
  CHECK(alice.messages().empty());
  // Who has left since is not taken in again by an old request.
  bob.leave(code);
  bob.messages();
  alice.messages();
  bob.emit_with_ack("session:join", payload);
  const transcript heard = bob.messages();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].substr(0, 3) == "430");
  CHECK(alice.messages().empty());
  CHECK(participant_count(*s.apps[0]) == 2);
}

TEST_CASE("updates and leaves that come again do nothing") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  bob.messages();
  alice.messages();
  bob.emit_with_ack("session:update", R"({"name":"Bo","requestId":"u"})");
  bob.emit("session:update", R"({"name":"Bobby"})");
  alice.messages();
  bob.messages();
  bob.emit_with_ack("session:update", R"({"name":"Bo","requestId":"u"})");
  CHECK(bob.messages() == transcript{acked(1)});
  CHECK(alice.messages().empty());

  const std::string leave = R"({"roomCode":")" + code + R"(","requestId":"l"})";
  bob.emit_with_ack("session:leave", leave);
  bob.emit_with_ack("session:leave", leave);
  CHECK(bob.messages() == transcript{acked(2), acked(3)});
  CHECK(alice.messages() == transcript{user_left(bob.id())});
}

TEST_CASE("a request that failed is tried again") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  alice.emit_with_ack("session:update", R"({"name":"A","requestId":"u"})");
  CHECK(alice.last_message() == failed(0, "Not in this session", "not_in_session"));
  alice.create("Alice");
  alice.emit_with_ack("session:update", R"({"name":"A","requestId":"u"})");
  CHECK(alice.last_message() == acked(1));
}

TEST_CASE("the last eight requests are remembered") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  alice.create("Alice");
  const auto update = [&](int i) {
    alice.emit("session:update", R"({"name":"A)" + std::to_string(i) + R"(","requestId":")" +
                                     std::to_string(i) + "\"}");
    return alice.messages().size();
  };
  for (int i = 0; i < 9; ++i) update(i);
  musician bob(s.line);
  bob.join(room_of(*s.app, alice.id())->code, "Bob");
  bob.messages();
  update(1);
  CHECK(bob.messages().empty());
  update(0);
  CHECK(bob.messages() == transcript{user_updated(person(alice.id(), "A0"))});
}

TEST_CASE("an id that is none is refused") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  static const std::string longer = "\"" + std::string(65, 'a') + "\"";
  const std::string id = GENERATE(values<std::string>({"1", "null", R"("")", "{}", longer}));
  alice.emit("session:create", R"({"name":"Alice","requestId":)" + id + '}');
  CHECK(alice.last_message().find("invalid_payload") != std::string::npos);
  CHECK(session_count(*s.app) == 0);
}

TEST_CASE("requests are remembered over a lost connection, and at another shard") {
  jam_stage s(with_seats(), 3);
  s.line.connect_next_to(0);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  s.line.connect_next_to(1);
  musician bob(s.line);
  const std::string payload = R"({"roomCode":")" + code + R"(","name":"Bob","requestId":"join"})";
  bob.emit("session:join", payload);
  bob.vanish();
  alice.messages();
  s.line.connect_next_to(2);
  musician again(s.line, transport_kind::websocket, pid_auth(bob.pid()));
  again.messages();
  alice.messages();
  again.emit_with_ack("session:join", payload);
  CHECK(again.messages().size() == 2);
  CHECK(alice.messages().empty());
}

TEST_CASE("another socket of the client has made no requests yet") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice","requestId":"c"})");
  const std::string code = member_of(alice.last_message(), "roomCode");
  alice.send("41");
  alice.connect();
  alice.emit("session:create", R"({"name":"Alice","requestId":"c"})");
  CHECK(member_of(alice.last_message(), "roomCode") != code);
}

TEST_CASE("requests that come again too often are refused") {
  options of;
  of.max_events_per_second = 2;
  jam_stage s(of, 1);
  musician alice(s.line);
  const std::string create = R"({"name":"Alice","requestId":"c"})";
  for (int i = 0; i < 7; ++i) alice.emit("session:create", create);
  CHECK(alice.messages().size() == 7);
  alice.emit("session:create", create);
  CHECK(alice.last_message() ==
        error("Too many requests, try again later", "rate_limited", "session:create"));
}

TEST_CASE("a token comes with every event of the answer again") {
  jam_stage s(with_seats(), 1);
  musician alice(s.line, transport_kind::websocket, R"({"resume":true})");
  const std::string create = R"({"name":"Alice","requestId":"c"})";
  alice.emit("session:create", create);
  musician bob(s.line);
  bob.join(member_of(alice.last_message(), "roomCode"), "Bob");
  alice.messages();
  alice.emit("session:create", create);
  const transcript heard = alice.messages();
  REQUIRE(heard.size() == 2);
  CHECK(member_of(heard[0], "resumeToken").size() == 32);
  CHECK(member_of(heard[1], "resumeToken") == member_of(heard[0], "resumeToken"));
}

TEST_CASE("a token comes with the answer again") {
  jam_stage s(with_seats(), 1);
  musician alice(s.line, transport_kind::websocket, R"({"resume":true})");
  alice.emit("session:create", R"({"name":"Alice","requestId":"c"})");
  alice.messages();
  alice.emit("session:create", R"({"name":"Alice","requestId":"c"})");
  const std::string token = member_of(alice.last_message(), "resumeToken");
  REQUIRE(token.size() == 32);
  alice.vanish();
  musician again(s.line, transport_kind::websocket, R"({"resumeToken":")" + token + "\"}");
  CHECK(again.id() == alice.id());
}

}  // namespace
}  // namespace downbeat::jam::test
