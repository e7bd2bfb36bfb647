// Messages for a client that does not read.
#include "connection/backlog.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat;
using host::backlog;

TEST_CASE("a backlog gives back what was put in, in its order, and knows how much is left") {
  backlog waiting;
  waiting.tail() += "ab";
  CHECK(waiting.size() == 2);
  waiting.tail() += "c";
  waiting.push(frame::binary("first"));
  waiting.push(frame::text("second"));
  CHECK(waiting.size() == 14);
  waiting.tail() += "end";
  CHECK(waiting.size() == 17);

  CHECK(waiting.pop() == "abcfirst");
  CHECK(waiting.size() == 9);
  CHECK(waiting.pop() == "second");
  CHECK(waiting.size() == 3);
  CHECK(waiting.pop() == "end");
  CHECK(waiting.size() == 0);
  CHECK(waiting.is_empty());
}
