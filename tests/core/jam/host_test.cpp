// Who is host when the host is gone.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::jam::test {

TEST_CASE("when the host goes, the participant who has been there longest is host") {
  const transport_kind by = GENERATE(values(all_transports));
  jam_stage s;
  musician alice(s.line, by);
  musician carol(s.line, by);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  carol.join(code, "Carol");
  for (auto* who : {&alice, &bob, &carol}) who->messages();

  SECTION("leaves") {
    alice.leave(code);
  }
  SECTION("disconnects") {
    alice.send("41");
  }
  SECTION("vanishes") {
    alice.vanish();
  }
  SECTION("breaks the protocol") {
    alice.send("42{}");
  }
  SECTION("creates another session") {
    alice.create("Alice");
  }
  CHECK(bob.messages() == transcript{user_left(alice.id()), host_changed(bob.id())});
  CHECK(carol.messages() == transcript{user_left(alice.id()), host_changed(bob.id())});

  musician dave(s.line, by);
  dave.join(code, "Dave");
  CHECK(dave.messages() ==
        transcript{joined(
            code, {person(bob.id(), "Bob"), person(carol.id(), "Carol"), person(dave.id(), "Dave")},
            dave.id(), bob.id())});
}

TEST_CASE("the host stays host while others come and go") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  bob.leave(code);
  CHECK(alice.messages() == transcript{user_joined(person(bob.id(), "Bob")), user_left(bob.id())});
}

TEST_CASE("a host who comes back is one of many, and last") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.leave(code);
  alice.messages();
  alice.join(code, "Alice");
  CHECK(alice.messages() ==
        transcript{joined(code, {person(bob.id(), "Bob"), person(alice.id(), "Alice")}, alice.id(),
                          bob.id())});
}

TEST_CASE("when the last socket goes, its session is gone in the same step") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  SECTION("leaves") {
    alice.leave(code);
  }
  SECTION("vanishes") {
    alice.vanish();
  }
  CHECK(s.line.measure("sessions") == 0);
  CHECK(s.line.measure("participants") == 0);
  CHECK(s.line.measure("rooms") == 0);
  bob.join(code, "Bob");
  CHECK(bob.messages() ==
        transcript{error("Session not found", "session_not_found", "session:join")});
}

TEST_CASE("all members of a session go in one step when the server shuts down") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line, transport_kind::polling);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();
  s.line.shut_down();
  CHECK(alice.messages() == transcript{"<closed>"});
  CHECK(bob.messages() == transcript{"<closed>"});
  CHECK(s.line.measure("sessions") == 0);
  CHECK(s.line.measure("sockets") == 0);
}

}  // namespace downbeat::jam::test
