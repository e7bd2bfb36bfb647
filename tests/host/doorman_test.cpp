// Who connects too often.
#include "server/doorman.hpp"

#include <catch2/catch.hpp>

#include <string>

using downbeat::host::doorman;

TEST_CASE("an address may connect at a rate, and much more often at once") {
  doorman at_the_door;
  at_the_door.limit(5);
  for (int i = 0; i < 100; ++i) REQUIRE(at_the_door.admits(1'000, "192.0.2.1"));
  CHECK_FALSE(at_the_door.admits(1'000, "192.0.2.1"));
  CHECK_FALSE(at_the_door.admits(1'199, "192.0.2.1"));
  CHECK(at_the_door.admits(1'200, "192.0.2.1"));
  CHECK_FALSE(at_the_door.admits(1'200, "192.0.2.1"));
  CHECK(at_the_door.admits(1'200, "192.0.2.2"));
  for (int i = 0; i < 100; ++i) REQUIRE(at_the_door.admits(60'000, "192.0.2.1"));
  CHECK_FALSE(at_the_door.admits(60'000, "192.0.2.1"));
}

TEST_CASE("a rate of 0 admits everybody") {
  doorman open;
  for (int i = 0; i < 10'000; ++i) REQUIRE(open.admits(0, "192.0.2.1"));
}

TEST_CASE("who is remembered stays so, however many others come") {
  doorman at_the_door;
  at_the_door.limit(1);
  for (int i = 0; i < 20; ++i) REQUIRE(at_the_door.admits(0, "192.0.2.1"));
  for (int i = 0; i < 50'000; ++i) REQUIRE(at_the_door.admits(2'000, std::to_string(i)));
  CHECK(at_the_door.admits(2'000, "192.0.2.1"));
  CHECK(at_the_door.admits(2'000, "192.0.2.1"));
  CHECK_FALSE(at_the_door.admits(2'000, "192.0.2.1"));
}
