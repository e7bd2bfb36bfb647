#include "session/directory.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

namespace downbeat::session {
namespace {

using test::events;
using test::person;
using test::stage;

TEST_CASE("a participant changes name, instrument or both, and the others are notified") {
  stage s;
  const std::string code = s.room_with({"alice", "bob"});
  CHECK(s.update("bob", "Bobby", std::nullopt) ==
        events{test::notified::user_updated{code, {"bob", "Bobby", "unknown"}}});
  CHECK(s.update("bob", std::nullopt, "drums") ==
        events{test::notified::user_updated{code, {"bob", "Bobby", "drums"}}});
  CHECK(s.update("bob", "Robert", "piano") ==
        events{test::notified::user_updated{code, {"bob", "Robert", "piano"}}});
  CHECK(s.all.find(code)->participants ==
        std::vector<participant>{person("alice"), {"bob", "Robert", "piano"}});
}

TEST_CASE("a participant who joins later gets the changes") {
  stage s;
  const std::string code = s.room_with({"alice"});
  s.update("alice", std::nullopt, "piano");
  CHECK(s.join("bob", code).front() ==
        test::any_notified(test::notified::joined{
            "bob", code, {person("alice", "piano"), person("bob")}, "alice", false}));
}

TEST_CASE("an update that changes nothing notifies all the same") {
  stage s;
  const std::string code = s.room_with({"alice"});
  CHECK(s.update("alice", std::nullopt, std::nullopt) ==
        events{test::notified::user_updated{code, person("alice")}});
}

TEST_CASE("an update by somebody who is in no session is refused") {
  stage s;
  CHECK(s.update("bob", "Bobby", std::nullopt) ==
        events{test::notified::refused{"bob", refusal::not_in_session, ""}});
  CHECK(s.all.participant_count() == 0);
}

}  // namespace
}  // namespace downbeat::session
