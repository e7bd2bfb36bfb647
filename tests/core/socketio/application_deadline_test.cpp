// An application has times of its own, beside those of the layers below it.

#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::test {

TEST_CASE("an application without clients is called when it asked for, to the ms") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  stage.act(client, [&](const socketio::socket&) { stage.app->timer = 5'000; });
  client.vanish();
  stage.app->take_notes();
  CHECK(stage.line.wait_ms() == 5'000);
  stage.line.advance(4'999);
  CHECK(stage.app->take_notes().empty());
  stage.line.advance(1);
  CHECK(stage.app->take_notes() == transcript{"deadline at 5000"});
  CHECK_FALSE(stage.line.wait_ms());
}

TEST_CASE("the earliest deadline of all layers is waited for, and each is kept") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  stage.act(client, [&](const socketio::socket&) { stage.app->timer = 30'000; });
  stage.app->take_notes();
  // The first ping is after 25 s.
  CHECK(stage.line.wait_ms() == 25'000);
  stage.line.advance(29'999);
  CHECK(client.is_open());
  CHECK(stage.app->take_notes().empty());
  stage.line.advance(1);
  CHECK(stage.app->take_notes() == transcript{"deadline at 30000"});
}

TEST_CASE("a deadline that an application sets while it handles an event is kept") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  stage.app->take_notes();
  stage.act(client, [&](const socketio::socket&) { stage.app->timer = 700; });
  CHECK(stage.line.wait_ms() == 700);
  stage.line.advance(700);
  const auto notes = stage.app->take_notes();
  REQUIRE_FALSE(notes.empty());
  CHECK(notes.back() == "deadline at 700");
}

}  // namespace downbeat::test
