// A musician may be lost at any moment of a story. The others get session:user-left, and nothing
// stays behind.

#include "core/jam/jam_story.hpp"
#include "support/conversation.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

namespace downbeat::jam::test {

using downbeat::test::conversation;

TEST_CASE("a client lost after any step of a story leaves its session, and nothing of it stays") {
  const transport_kind by = GENERATE(values(all_transports));
  const int way = GENERATE(range(0, 4));
  const int steps_until_loss = GENERATE(range(0, 9));
  CAPTURE(by, way, steps_until_loss);

  jam_stage s;
  musician alice(s.line);
  musician bob(s.line, by);
  std::string code = alice.create("Alice");
  std::string own;
  const std::vector<std::function<void()>> story = {
      [&] { bob.join("INVALID-99", "Bob"); },
      [&] { bob.join(code, "Bob"); },
      [&] { bob.emit("session:update", R"({"name":"Bobby"})"); },
      [&] { bob.send(R"(452-["session:event",{"type":"t"}])", {"half of it"}); },
      [&] { bob.send_binary("the other half"); },
      [&] { alice.emit("session:event", R"({"type":"t"})"); },
      [&] { own = bob.create("Bob"); },
      [&] { bob.leave(own); },
      [&] { bob.join(code, "Bob"); },
  };
  for (int i = 0; i < steps_until_loss; ++i) story[static_cast<std::size_t>(i)]();
  const bool is_together = room_of(*s.app, bob.id()) && room_of(*s.app, bob.id())->code == code;
  alice.messages();
  switch (way) {
    case 0: bob.vanish(); break;
    case 1: bob.send("42{}"); break;  // ends the connection, whatever state it is in
    case 2: bob.send("1"); break;
    default:
      for (int second = 0; second < 45; ++second) {
        CHECK(alice.is_open());
        s.line.advance(1'000);
      }
  }
  CHECK(alice.messages() == (is_together ? transcript{user_left(bob.id())} : transcript{}));
  CHECK(s.line.measure("sessions") == 1);
  CHECK(s.line.measure("participants") == 1);
  CHECK(s.line.measure("rooms") == 1);
  CHECK(s.line.measure("sockets") == 1);

  musician carol(s.line);
  carol.join(code, "Carol");
  CHECK(carol.messages() ==
        transcript{joined(code, {person(alice.id(), "Alice"), person(carol.id(), "Carol")},
                          carol.id(), alice.id())});
}

TEST_CASE("a host who is lost at any step leaves no session behind") {
  conversation talk(make_patient_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .posts("40")
      .gets()
      .expects_response("200 40{\"sid\":\"*")
      .gets()
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .sends("2probe")
      .expects_messages({"<accepted>", "3probe"})
      .posts("420[\"session:create\",{\"name\":\"Alice\"}]")
      .sends("5")
      .expects_nothing()
      .sends("421[\"session:event\",{\"type\":\"t\"}]")
      .expects_messages({"431[{\"ok\":true}]"})
      .sends("42[\"session:create\",{\"name\":\"Alice\"}]")
      .expects_messages({"42[\"session:created\",{\"roomCode\":\"*"})
      .sends("41")
      .expects_nothing();
  talk.run();
  talk.run_failing_at_every_step();
}

}  // namespace downbeat::jam::test
