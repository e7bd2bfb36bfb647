#include "connection/connection_limiter.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::host;
using verdict = connection_limiter::verdict;

TEST_CASE("so many come in, and one more when another has left") {
  connection_limiter limiter(trusted_proxies({}));
  limiter.limit_open(2, 0);
  CHECK(limiter.enter("192.0.2.1") == verdict::accepted);
  CHECK(limiter.enter("192.0.2.1") == verdict::accepted);
  CHECK(limiter.enter("192.0.2.2") == verdict::too_many);
  limiter.leave("192.0.2.1");
  CHECK(limiter.enter("192.0.2.2") == verdict::accepted);
}

TEST_CASE("so many come in from one address, and others all the same") {
  connection_limiter limiter(trusted_proxies({}));
  limiter.limit_open(0, 2);
  CHECK(limiter.enter("2001:db8::1") == verdict::accepted);
  CHECK(limiter.enter("2001:db8::2") == verdict::accepted);
  CHECK(limiter.enter("2001:db8::3") == verdict::too_many_of_address);
  CHECK(limiter.enter("2001:db8:0:1::3") == verdict::accepted);
  limiter.leave("2001:db8::1");
  CHECK(limiter.enter("2001:db8::3") == verdict::accepted);
}

TEST_CASE("a trusted proxy comes as often as it likes, and its clients are counted") {
  connection_limiter limiter(trusted_proxies({"10.0.0.0/8"}));
  limiter.limit_open(0, 1);
  for (int i = 0; i < 3; ++i) CHECK(limiter.enter("10.0.0.1") == verdict::accepted);
  CHECK(limiter.move("10.0.0.1", "192.0.2.1") == verdict::accepted);
  CHECK(limiter.move("10.0.0.1", "192.0.2.1") == verdict::too_many_of_address);
  CHECK(limiter.move("192.0.2.1", "192.0.2.2") == verdict::accepted);
  CHECK(limiter.move("10.0.0.1", "192.0.2.1") == verdict::accepted);
  CHECK(limiter.move("192.0.2.2", "10.0.0.1") == verdict::accepted);
  CHECK(limiter.enter("192.0.2.2") == verdict::accepted);
}

TEST_CASE("a limit that is lowered sends nobody away") {
  connection_limiter limiter(trusted_proxies({}));
  for (int i = 0; i < 3; ++i) CHECK(limiter.enter("192.0.2.1") == verdict::accepted);
  limiter.limit_open(2, 0);
  CHECK(limiter.enter("192.0.2.1") == verdict::too_many);
  limiter.leave("192.0.2.1");
  CHECK(limiter.enter("192.0.2.1") == verdict::too_many);
  limiter.leave("192.0.2.1");
  CHECK(limiter.enter("192.0.2.1") == verdict::accepted);
}

TEST_CASE("an address may connect at a rate, and much more often at once") {
  connection_limiter limiter(trusted_proxies({}));
  limiter.limit_rate(5);
  for (int i = 0; i < 100; ++i) REQUIRE(limiter.is_within_rate(1'000, "192.0.2.1"));
  CHECK_FALSE(limiter.is_within_rate(1'000, "192.0.2.1"));
  CHECK_FALSE(limiter.is_within_rate(1'199, "192.0.2.1"));
  CHECK(limiter.is_within_rate(1'200, "192.0.2.1"));
  CHECK_FALSE(limiter.is_within_rate(1'200, "192.0.2.1"));
  CHECK(limiter.is_within_rate(1'200, "192.0.2.2"));
  for (int i = 0; i < 100; ++i) REQUIRE(limiter.is_within_rate(60'000, "192.0.2.1"));
  CHECK_FALSE(limiter.is_within_rate(60'000, "192.0.2.1"));
}

TEST_CASE("a rate of 0 admits everybody") {
  connection_limiter limiter(trusted_proxies({}));
  for (int i = 0; i < 10'000; ++i) REQUIRE(limiter.is_within_rate(0, "192.0.2.1"));
}

TEST_CASE("an address that is remembered stays so, however many others come") {
  connection_limiter limiter(trusted_proxies({}));
  limiter.limit_rate(1);
  for (int i = 0; i < 20; ++i) REQUIRE(limiter.is_within_rate(0, "192.0.2.1"));
  for (int i = 0; i < 50'000; ++i) REQUIRE(limiter.is_within_rate(2'000, std::to_string(i)));
  CHECK(limiter.is_within_rate(2'000, "192.0.2.1"));
  CHECK(limiter.is_within_rate(2'000, "192.0.2.1"));
  CHECK_FALSE(limiter.is_within_rate(2'000, "192.0.2.1"));
}

TEST_CASE("a trusted proxy connects as often as it likes") {
  connection_limiter limiter(trusted_proxies({"10.0.0.0/8"}));
  limiter.limit_rate(1);
  for (int i = 0; i < 100; ++i) REQUIRE(limiter.is_within_rate(0, "10.0.0.1"));
}

TEST_CASE("the addresses of one IPv6 network connect as one") {
  connection_limiter limiter(trusted_proxies({}));
  limiter.limit_rate(1);
  for (int i = 0; i < 20; ++i) REQUIRE(limiter.is_within_rate(0, "2001:db8::" + std::to_string(i)));
  CHECK_FALSE(limiter.is_within_rate(0, "2001:db8::99"));
  CHECK(limiter.is_within_rate(0, "2001:db8:0:1::1"));
}
