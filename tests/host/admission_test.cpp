#include "server/admission.hpp"

#include <catch2/catch.hpp>

using namespace downbeat::host;
using answer = admission::answer;

TEST_CASE("so many come in, and one more when another has left") {
  admission door(trusted_proxies({}));
  door.limit(2, 0);
  CHECK(door.enter("192.0.2.1") == answer::welcome);
  CHECK(door.enter("192.0.2.1") == answer::welcome);
  CHECK(door.enter("192.0.2.2") == answer::too_many);
  door.leave("192.0.2.1");
  CHECK(door.enter("192.0.2.2") == answer::welcome);
}

TEST_CASE("so many come in from one address, and others all the same") {
  admission door(trusted_proxies({}));
  door.limit(0, 2);
  CHECK(door.enter("2001:db8::1") == answer::welcome);
  CHECK(door.enter("2001:db8::2") == answer::welcome);
  CHECK(door.enter("2001:db8::3") == answer::too_many_of_address);
  CHECK(door.enter("2001:db8:0:1::3") == answer::welcome);
  door.leave("2001:db8::1");
  CHECK(door.enter("2001:db8::3") == answer::welcome);
}

TEST_CASE("a trusted proxy comes as often as it likes, and its clients are counted") {
  admission door(trusted_proxies({"10.0.0.0/8"}));
  door.limit(0, 1);
  for (int i = 0; i < 3; ++i) CHECK(door.enter("10.0.0.1") == answer::welcome);
  CHECK(door.move("10.0.0.1", "192.0.2.1") == answer::welcome);
  CHECK(door.move("10.0.0.1", "192.0.2.1") == answer::too_many_of_address);
  CHECK(door.move("192.0.2.1", "192.0.2.2") == answer::welcome);
  CHECK(door.move("10.0.0.1", "192.0.2.1") == answer::welcome);
  CHECK(door.move("192.0.2.2", "10.0.0.1") == answer::welcome);
  CHECK(door.enter("192.0.2.2") == answer::welcome);
}

TEST_CASE("a limit that is lowered sends nobody away") {
  admission door(trusted_proxies({}));
  for (int i = 0; i < 3; ++i) CHECK(door.enter("192.0.2.1") == answer::welcome);
  door.limit(2, 0);
  CHECK(door.enter("192.0.2.1") == answer::too_many);
  door.leave("192.0.2.1");
  CHECK(door.enter("192.0.2.1") == answer::too_many);
  door.leave("192.0.2.1");
  CHECK(door.enter("192.0.2.1") == answer::welcome);
}
