#include "base/wall_clock.hpp"

#include "engine.hpp"
#include "input.hpp"
#include "support/puppet.hpp"
#include "support/socketio_client.hpp"
#include "support/wire.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>

namespace downbeat::test {

TEST_CASE("the wall clock is unknown until it is an input, and then goes on with the time") {
  wall_clock clock;
  CHECK_FALSE(clock.at(0));
  clock.set(5'000, 1'764'357'640'000);
  CHECK(clock.at(5'000) == 1'764'357'640'000);
  CHECK(clock.at(65'000) == 1'764'357'700'000);
  // It was set back by an hour.
  clock.set(65'000, 1'764'354'100'000);
  CHECK(clock.at(66'000) == 1'764'354'101'000);
}

TEST_CASE("an application reads the wall clock, whenever it wants") {
  puppet* application = nullptr;
  wire line(make_puppet_engine(&application));
  CHECK_FALSE(line.core().wall_now(line.now()));
  CHECK_FALSE(application->server().wall_now(line.now()));
  line.give(input::clock{1'764'357'640'000});
  line.advance(1'500);
  CHECK(application->server().wall_now(line.now()) == 1'764'357'641'500);
  std::optional<std::int64_t> seen;
  application->act = [&](const socketio::socket&) {
    seen = application->server().wall_now(line.now());
  };
  socketio_client client(line);
  client.connect();
  client.emit("act");
  CHECK(seen == 1'764'357'641'500);
  line.give(input::clock{1'764'357'000'000});
  CHECK(line.core().wall_now(line.now()) == 1'764'357'000'000);
}

TEST_CASE("the wall clock moves no deadline and sends nothing") {
  wire line(make_puppet_engine());
  socketio_client client(line);
  client.connect();
  client.messages();
  const auto wait = line.wait_ms();
  line.give(input::clock{0});
  line.give(input::clock{9'007'199'254'740'991});
  CHECK(line.wait_ms() == wait);
  CHECK(client.messages().empty());
}

}  // namespace downbeat::test
