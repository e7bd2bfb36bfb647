// The server's end, and limits that change while it runs.

#include "core/jam/jam_story.hpp"
#include "jam/settings.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::jam::test {

TEST_CASE("while the server drains, everybody knows, jams go on and nothing begins") {
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(by);
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();

  s.line.give(input::drain_requested{5'000});
  const std::string closing =
      event("server:closing", R"({"reason":"server shutting down","withinMs":5000})");
  CHECK(alice.messages() == transcript{closing});
  CHECK(bob.messages() == transcript{closing});

  bob.emit("session:create", R"({"name":"Bob"})");
  CHECK(bob.messages() ==
        transcript{error("Server is shutting down", "shutting_down", "session:create")});
  bob.emit("session:event", R"({"type":"note"})");
  CHECK(alice.messages().size() == 1);
  CHECK(s.line.response(s.line.get("EIO=4&transport=polling")).substr(0, 3) == "503");

  s.line.shut_down();
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.measure("sessions") == 0);
}

TEST_CASE("limits that change hold from then on, and nobody is sent away") {
  jam_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  options fewer;
  fewer.session.max_participants = 1;
  fewer.max_name_length = 3;
  fewer.max_joins_per_minute = 100;
  fewer.engineio.ping_interval_ms = 1;
  alice.messages();
  const std::string settings = write_options(fewer);
  s.line.give(input::options_changed{settings});
  CHECK(s.line.measure("participants") == 2);
  carol.join(code, "Eve");
  CHECK(carol.messages() == transcript{error("Session is full", "session_full", "session:join")});
  carol.emit("session:create", R"({"name":"Carol"})");
  CHECK(carol.messages().size() == 1);
  CHECK(s.line.limited("name_length") == 1);
  CHECK_FALSE(carol.create("Eve").empty());

  // What clients got in their open packet stays.
  s.line.advance(1'000);
  CHECK(alice.messages().empty());
}

TEST_CASE("settings that cannot be read change nothing") {
  jam_stage s;
  musician alice(s.line);
  s.line.give(input::options_changed{R"({"maxParticipants":-1,"maxNameLength":1})"});
  CHECK_FALSE(alice.create("Alice").empty());
}

}  // namespace downbeat::jam::test
