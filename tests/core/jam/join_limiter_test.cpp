#include "jam/join_limiter.hpp"

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace downbeat;
using namespace downbeat::jam;
using namespace downbeat::jam::test;

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t whole = 1'000;

options with_failed_joins_per_day(std::int64_t count) {
  options result;
  result.max_failed_joins_per_day = count;
  return result;
}

std::string address(int number) {
  return "198.51." + std::to_string(number / 250) + "." + std::to_string(number % 250);
}

}  // namespace

TEST_CASE("a failed join counts by the share of codes that are live, and at most once") {
  CHECK(weight_of({0, 0}) == 0);
  CHECK(weight_of({0, 100}) == 1);
  CHECK(weight_of({1, 50'000}) == whole);
  CHECK(weight_of({1, 100}) == whole);
  CHECK(weight_of({1, 100'000}) == whole / 2);
  CHECK(weight_of({1'000'000, 78'254'371'104}) == 638);
  CHECK(weight_of({5'000, 78'254'371'104}) == 3);
}

TEST_CASE("an address may come in so often in a minute, and once more a moment later") {
  options limits;
  limits.max_joins_per_minute_by_address = 60;
  join_limiter limiter(limits);
  for (int i = 0; i < 60; ++i) CHECK(limiter.may_join(0, "192.0.2.1"));
  CHECK_FALSE(limiter.may_join(0, "192.0.2.1"));
  CHECK(limiter.may_join(0, "192.0.2.2"));
  CHECK_FALSE(limiter.may_join(999, "192.0.2.1"));
  CHECK(limiter.may_join(1'000, "192.0.2.1"));
}

TEST_CASE("an address may fail so often in an hour, in whatever network of 2^64 it has") {
  options limits;
  limits.max_failed_joins_per_hour_by_address = 2;
  join_limiter limiter(limits);
  limiter.count_failure(0, "2001:db8:0:7::1", 0);
  CHECK(limiter.may_look_up(0, "2001:db8:0:7::1"));
  limiter.count_failure(0, "2001:db8:0:7::2", 0);
  CHECK_FALSE(limiter.may_look_up(0, "2001:db8:0:7::3"));
  CHECK(limiter.may_look_up(0, "2001:db8:0:8::1"));
  CHECK_FALSE(limiter.may_look_up(hour / 2 - 1, "2001:db8:0:7::1"));
  CHECK(limiter.may_look_up(hour / 2, "2001:db8:0:7::1"));
}

TEST_CASE("the lockdown begins when half of a day's failures came at once") {
  const options limits = with_failed_joins_per_day(100);
  join_limiter limiter(limits);
  for (int i = 0; i < 50; ++i) {
    CHECK_FALSE(limiter.is_locked_down(0));
    limiter.count_failure(0, address(i), whole);
  }
  CHECK(limiter.is_locked_down(0));
  CHECK(limiter.is_locked_down(day / 100 - 1));
  CHECK_FALSE(limiter.is_locked_down(day / 100));
  CHECK(join_limiter(with_failed_joins_per_day(0)).may_guess(0, address(1), whole));
}

TEST_CASE("in lockdown, an address may fail twice, then once a day; a newcomer can join") {
  const options limits = with_failed_joins_per_day(100);
  join_limiter limiter(limits);
  for (int i = 0; i < 50; ++i) limiter.count_failure(0, address(i), whole);
  REQUIRE(limiter.is_locked_down(0));
  CHECK(limiter.may_guess(0, "203.0.113.1", whole));
  CHECK(limiter.may_guess(0, address(1), whole));
  limiter.count_failure(0, address(1), whole);
  CHECK_FALSE(limiter.may_guess(0, address(1), whole));
  CHECK(limiter.may_guess(0, address(1), 0));

  for (int i = 0; i < 100; ++i) limiter.count_failure(day - 1, address(100 + i), whole);
  CHECK_FALSE(limiter.may_guess(day - 1, address(1), whole));
  CHECK(limiter.may_guess(day, address(1), whole));
}

TEST_CASE("addresses are forgotten once they are forgiven, and there is a bound to them") {
  options limits;
  limits.max_joins_per_minute_by_address = 60;
  join_limiter limiter(limits);
  for (int i = 0; i < 50'000; ++i) limiter.may_join(i * 10, "a" + std::to_string(i));
  CHECK(limiter.size() < 3'000);

  for (int i = 0; i < 150'000; ++i) limiter.may_join(1'000'000, "b" + std::to_string(i));
  CHECK(limiter.size() == 100'000);
  // Those for whom there was no place share one rate limiter.
  CHECK_FALSE(limiter.may_join(1'000'000, "one more"));
  CHECK(limiter.may_join(1'000'000, "b99000"));
  CHECK(limiter.may_join(2'000'000, "one more"));
}

TEST_CASE("guesses from somebody's address do not shut them out of their friends' room") {
  options limits;
  limits.max_failed_joins_per_hour_by_address = 3;
  jam_stage stage(limits);
  musician alice(stage.line);
  const std::string code = alice.create("Alice");
  musician mallory(stage.line);
  for (int i = 0; i < 3; ++i) mallory.join("WRONG-22", "Mallory");
  mallory.messages();
  mallory.join("WRONG-23", "Mallory");
  CHECK(mallory.messages() ==
        transcript{error("Too many requests, try again later", "rate_limited", "session:join")});
  CHECK(stage.line.limited("failed_joins_per_hour_by_address") == 1);

  musician bob(stage.line);
  bob.join(code, "Bob");
  CHECK(stage.line.measure("participants") == 2);
}

TEST_CASE("in lockdown, new rooms have codes that are hard to guess") {
  // With several shards, a guess counts for what the code's own shard has in rooms.
  jam_stage stage(with_failed_joins_per_day(4), 1);
  musician alice(stage.line);
  CHECK(alice.create("Alice").size() <= 8);
  musician mallory(stage.line);
  for (const auto* const code : {"MUSIC-22", "MUSIC-23"}) mallory.join(code, "Mallory");
  CHECK(stage.line.measure("lockdown") == 1);
  const std::string code = alice.create("Alice");
  CHECK(code.size() == 10);
  CHECK(code.find_first_of("AEIOUSY") == std::string::npos);
}
