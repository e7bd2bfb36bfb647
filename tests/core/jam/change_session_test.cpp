// Whoever creates or joins a session leaves the one before, once the new one has succeeded.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::jam::test {

TEST_CASE("joining another session leaves the first, whose members get session:user-left") {
  const transport_kind by = GENERATE(values(all_transports));
  jam_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  musician carol(s.line, by);
  const std::string first = alice.create("Alice");
  const std::string second = carol.create("Carol");
  bob.join(first, "Bob");
  alice.messages();
  bob.messages();

  bob.join(second, "Bob");
  CHECK(bob.messages() ==
        transcript{joined(second, {person(carol.id(), "Carol"), person(bob.id(), "Bob")}, bob.id(),
                          carol.id())});
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  CHECK(carol.messages() == transcript{user_joined(person(bob.id(), "Bob"))});

  // He gets the events of the second one only.
  alice.emit("session:event", R"({"type":"t"})");
  carol.emit("session:event", R"({"type":"u"})");
  CHECK(bob.messages() == transcript{relayed(carol.id(), R"("type":"u")")});
  bob.leave(first);
  CHECK(bob.messages() ==
        transcript{error("Not in this session", "not_in_session", "session:leave")});
}

TEST_CASE("the host who joins another session hands the first one over") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string first = alice.create("Alice");
  bob.join(first, "Bob");
  const std::string second = carol.create("Carol");
  alice.messages();
  bob.messages();

  const auto ack =
      alice.emit_with_ack("session:join", R"({"roomCode":")" + second + R"(","name":"Alice"})");
  const std::string answer = joined_json(
      second, {person(carol.id(), "Carol"), person(alice.id(), "Alice")}, alice.id(), carol.id());
  CHECK(alice.messages() == transcript{event("session:joined", answer),
                                       acked(ack, answer.substr(1, answer.size() - 2))});
  CHECK(bob.messages() == transcript{user_left(alice.id()), host_changed(bob.id())});
}

TEST_CASE("creating a session leaves the one before") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string first = alice.create("Alice");
  bob.join(first, "Bob");
  alice.messages();
  bob.messages();
  const std::string second = bob.create("Bob");
  CHECK(second != first);
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  CHECK(s.line.measure("sessions") == 2);
  // Alice was alone then, and so her session ends as she creates another.
  const std::string third = alice.create("Alice");
  CHECK(third != first);
  CHECK(s.line.measure("sessions") == 2);
  CHECK(s.line.measure("rooms") == 2);
  bob.join(first, "Bob");
  CHECK(bob.last_message() == error("Session not found", "session_not_found", "session:join"));
}

TEST_CASE("a change that fails changes nothing") {
  options options;
  options.session.max_participants = 2;
  options.session.max_sessions = 2;
  jam_stage s(options);
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  musician dave(s.line);
  const std::string first = alice.create("Alice");
  bob.join(first, "Bob");
  const std::string second = carol.create("Carol");
  dave.join(second, "Dave");
  for (auto* who : {&alice, &bob, &carol, &dave}) who->messages();

  bob.join("INVALID-99", "Bob");
  bob.join(second, "Bob");
  bob.emit("session:create", R"({"name":"Bob"})");
  bob.emit("session:join", R"({"roomCode":")" + second + R"(","name":""})");
  CHECK(bob.messages() ==
        transcript{error("Session not found", "session_not_found", "session:join"),
                   error("Session is full", "session_full", "session:join"),
                   error("Server is full", "server_full", "session:create"),
                   error("name must be 1 to 32 characters", "invalid_payload", "session:join")});
  for (auto* who : {&alice, &carol, &dave}) CHECK(who->messages().empty());
  bob.emit("session:event", R"({"type":"still here"})");
  CHECK(alice.messages() == transcript{relayed(bob.id(), R"("type":"still here")")});
}

TEST_CASE("joining one's own session answers again, and notifies nobody") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  const std::string answer = bob.last_message();
  s.line.reports();

  bob.emit_with_ack("session:join",
                    R"({"roomCode":")" + code + R"(","name":"Robert","instrument":"sax"})");
  const transcript again = bob.messages();
  REQUIRE(again.size() == 2);
  CHECK(again[0] == answer);
  CHECK(again[1].substr(0, 15) == R"(430[{"ok":true,)");
  alice.join(code, "Alice");
  CHECK(alice.messages() ==
        transcript{joined(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")}, alice.id(),
                          alice.id())});
  CHECK(s.line.reports().empty());
  // He is there once.
  alice.emit("session:event", R"({"type":"t"})");
  CHECK(bob.messages() == transcript{relayed(alice.id(), R"("type":"t")")});
}

}  // namespace downbeat::jam::test
