#include "base/rate_limiter.hpp"
#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat;
using namespace downbeat::jam::test;

namespace {

std::string rate_limited(const std::string& cause) {
  return error(too_many, "rate_limited", cause);
}

/// Limits that a test reaches soon.
jam::options slow() {
  jam::options options;
  options.max_events_per_second = 2;
  options.max_joins_per_minute = 4;
  options.max_failed_joins_per_minute = 2;
  options.max_failed_joins_per_hour_by_address = 3;
  return options;
}

}  // namespace

TEST_CASE("a rate limiter grants its burst, and then its rate to the millisecond") {
  const rate ten_a_second{10, 1'000, 30};
  rate_limiter a;
  for (int i = 0; i < 30; ++i) CHECK(a.take(5'000, ten_a_second));
  CHECK_FALSE(a.take(5'000, ten_a_second));
  CHECK_FALSE(a.take(5'099, ten_a_second));
  CHECK(a.take(5'100, ten_a_second));
  CHECK_FALSE(a.take(5'100, ten_a_second));
}

TEST_CASE("a refusal costs nothing, and a rest gives the burst back but no more") {
  const rate two_a_second{2, 1'000, 4};
  rate_limiter a;
  for (int i = 0; i < 4; ++i) CHECK(a.take(0, two_a_second));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(a.take(1, two_a_second));
  CHECK(a.take(500, two_a_second));
  CHECK_FALSE(a.is_idle(2'499));
  CHECK(a.is_idle(2'500));
  for (int i = 0; i < 4; ++i) CHECK(a.take(1'000'000, two_a_second));
  CHECK_FALSE(a.take(1'000'000, two_a_second));
}

TEST_CASE("what is owed has a ceiling, however often and however much is counted") {
  const rate one_a_day{1, 86'400'000, 1};
  rate_limiter a;
  for (int i = 0; i < 4; ++i) {
    a.spend(i, one_a_day, 100'000);
    CHECK_FALSE(a.has_room(i, one_a_day));
    CHECK(a.tat_ns() <= rate_limiter::most_ns);
  }
  CHECK(a.tat_ns() == rate_limiter::most_ns);
}

TEST_CASE("a count of 0 lifts a rate") {
  rate_limiter a;
  for (int i = 0; i < 10'000; ++i) CHECK(a.take(0, {0, 1'000, 0}));
}

TEST_CASE("a client that plays too fast gets rate_limited, alone, and may play again later") {
  jam_stage stage(slow());
  musician alice(stage.line);
  musician bob(stage.line);
  bob.join(alice.create("Alice"), "Bob");
  alice.messages();
  bob.messages();

  for (int i = 0; i < 7; ++i) bob.emit("session:event", R"({"type":"note"})");
  CHECK(bob.messages() == transcript{rate_limited("session:event")});
  CHECK(alice.messages().size() == 6);
  alice.emit("session:event", R"({"type":"note"})");
  CHECK(bob.messages().size() == 1);

  stage.line.advance(500);
  bob.emit("session:event", R"({"type":"note"})");
  CHECK(bob.messages().empty());
  CHECK(alice.messages().size() == 1);
  CHECK(stage.line.measure("requests_rate_limited_total") == 1);
}

TEST_CASE("an acknowledgement says it too") {
  jam_stage stage(slow());
  musician alice(stage.line);
  for (int i = 0; i < 4; ++i) alice.create("Alice");
  alice.messages();
  const auto ack = alice.emit_with_ack("session:create", R"({"name":"Alice"})");
  CHECK(alice.messages() ==
        transcript{rate_limited("session:create"), failed(ack, too_many, "rate_limited")});
}

TEST_CASE("a client that creates or joins too often stays where it is") {
  jam_stage stage(slow());
  musician alice(stage.line);
  for (int i = 0; i < 4; ++i) alice.create("Alice");
  alice.messages();
  alice.emit("session:create", R"({"name":"Alice"})");
  CHECK(alice.messages() == transcript{rate_limited("session:create")});
  CHECK(stage.line.measure("sessions") == 1);

  stage.line.advance(15'000);
  CHECK_FALSE(alice.create("Alice").empty());
}

TEST_CASE("a client that guesses codes is stopped, even from finding one that is there") {
  jam_stage stage(slow());
  musician alice(stage.line);
  const std::string code = alice.create("Alice");
  musician mallory(stage.line);
  mallory.join("WRONG-22", "Mallory");
  mallory.join("WRONG-23", "Mallory");
  mallory.messages();
  mallory.join(code, "Mallory");
  CHECK(mallory.messages() == transcript{rate_limited("session:join")});
  stage.line.advance(30'000);
  mallory.join(code, "Mallory");
  CHECK(mallory.messages().size() == 1);
  CHECK(stage.line.measure("participants") == 2);
}

TEST_CASE("new connections do not help who guesses codes from one address") {
  jam_stage stage(slow());
  for (int i = 0; i < 3; ++i) {
    musician mallory(stage.line);
    mallory.join("WRONG-22", "Mallory");
    CHECK(mallory.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
  }
  musician mallory(stage.line);
  mallory.join("WRONG-22", "Mallory");
  CHECK(mallory.messages() == transcript{rate_limited("session:join")});
}

TEST_CASE("a payload that is refused costs nothing of the rates") {
  jam_stage stage(slow());
  musician alice(stage.line);
  for (int i = 0; i < 20; ++i) alice.emit("session:create", R"({"name":5})");
  alice.messages();
  CHECK_FALSE(alice.create("Alice").empty());
}
