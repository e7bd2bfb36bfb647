// URLs of Redis as operators write them, and what is said of others.
#include "redis/redis_address.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace downbeat::host;

namespace {

std::string refusal(const std::string& url) {
  try {
    read_redis_url(url);
    return {};
  } catch (const unusable_redis_url& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a URL of Redis has a host, and perhaps all else") {
  const redis_address shortest = read_redis_url("redis://localhost");
  CHECK(shortest.host == "localhost");
  CHECK(shortest.port == 6379);
  CHECK(shortest.user.empty());
  CHECK(shortest.password.empty());
  CHECK(shortest.database == 0);
  CHECK_FALSE(shortest.is_tls);
  CHECK(shortest.name() == "redis://localhost:6379/0");

  const redis_address longest = read_redis_url("rediss://us%3Aer:p%40ss:w%2Frd@redis.example:1/15");
  CHECK(longest.host == "redis.example");
  CHECK(longest.port == 1);
  CHECK(longest.user == "us:er");
  CHECK(longest.password == "p@ss:w/rd");
  CHECK(longest.database == 15);
  CHECK(longest.is_tls);
  CHECK(longest.name() == "rediss://redis.example:1/15");
}

TEST_CASE("a password alone is of the default user, and may have an @") {
  const redis_address address = read_redis_url("redis://:a@b@10.0.0.1/");
  CHECK(address.host == "10.0.0.1");
  CHECK(address.user.empty());
  CHECK(address.password == "a@b");
}

TEST_CASE("a URL of Redis may have an address of IPv6") {
  CHECK(read_redis_url("redis://[::1]").name() == "redis://[::1]:6379/0");
  CHECK(read_redis_url("redis://:x@[fe80::1]:7000/2").name() == "redis://[fe80::1]:7000/2");
}

TEST_CASE("of a URL that is none of Redis it is said what it must be, without its secrets") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"localhost:6379", "must begin with"},
      {"REDIS://localhost", "must begin with"},
      {"unix:///run/redis.sock", "must begin with"},
      {"redis:/localhost", "must begin with"},
      {"redis://", "must name a host"},
      {"redis://:secret@", "must name a host"},
      {"redis://:secret@/0", "must name a host"},
      {"redis://:6379", "must name a host"},
      {"redis://ho,st", "must name a host by"},
      {"redis://[::1", "between [ and ]"},
      {"redis://[localhost]", "between [ and ]"},
      {"redis://[::1]6379", "port"},
      {"redis://localhost:", "port"},
      {"redis://localhost:0", "port"},
      {"redis://localhost:65536", "port"},
      {"redis://localhost:-1", "port"},
      {"redis://localhost:80x", "port"},
      {"redis://secret@localhost", "must have a password"},
      {"redis://secret:@localhost", "must have a password"},
      {"redis://@localhost", "must have a password"},
      {"redis://:sec%ret@localhost", "hexadecimal"},
      {"redis://:secret%4@localhost", "hexadecimal"},
      {"redis://localhost/sessions", "number of a database"},
      {"redis://localhost/-1", "number of a database"},
      {"redis://localhost/0/1", "number of a database"},
      {"redis://localhost/99999999999", "number of a database"},
      {"redis://localhost/0?db=1", "must end with"},
      {"redis://localhost/0#x", "must end with"},
      {"redis://:secret secret@localhost", "in place of spaces"},
      {"redis://:s\xc3\xa9"
       "cret@localhost",
       "in place of spaces"},
  };
  for (const auto& [url, why] : wrong) {
    CAPTURE(url);
    CHECK_THAT(refusal(url), Catch::Matchers::Contains(why));
    CHECK_THAT(refusal(url), !Catch::Matchers::Contains("secret"));
  }
}
