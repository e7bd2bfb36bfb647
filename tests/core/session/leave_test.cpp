#include "session/directory.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::session {
namespace {

using test::events;
using test::stage;

/// Leaving and disconnecting differ only in who notices.
events go(stage& s, bool by_disconnect, const std::string& user, const std::string& code) {
  return by_disconnect ? s.disconnect(user) : s.leave(user, code);
}

TEST_CASE("when a participant leaves or disconnects, those who remain are notified") {
  const bool by_disconnect = GENERATE(false, true);
  stage s;
  const std::string code = s.room_with({"alice", "bob", "carol"});
  CHECK(go(s, by_disconnect, "bob", code) == events{test::notified::user_left{code, "bob"}});
  CHECK(s.members(code) == std::vector<std::string>{"alice", "carol"});
  CHECK(s.all.room_of("bob") == nullptr);
  CHECK(s.all.participant_count() == 2);
}

TEST_CASE("when the host leaves, the participant who has been there longest becomes host") {
  const bool by_disconnect = GENERATE(false, true);
  stage s;
  const std::string code = s.room_with({"zoe", "mia", "alice"});
  CHECK(go(s, by_disconnect, "zoe", code) ==
        events{test::notified::user_left{code, "zoe"}, test::notified::host_changed{code, "mia"}});
  CHECK(s.all.find(code)->host() == "mia");
}

TEST_CASE("a host who comes back is the newest participant, not the host") {
  stage s;
  const std::string code = s.room_with({"alice", "bob", "carol"});
  s.disconnect("alice");
  s.join("alice", code);
  CHECK(s.all.find(code)->host() == "bob");
  CHECK(s.leave("bob", code) == events{test::notified::user_left{code, "bob"},
                                       test::notified::host_changed{code, "carol"}});
}

TEST_CASE("when the last one leaves, the session is gone in the same step") {
  const bool by_disconnect = GENERATE(false, true);
  stage s;
  const std::string code = s.room_with({"alice", "bob"});
  s.leave("alice", code);
  CHECK(go(s, by_disconnect, "bob", code) ==
        events{test::notified::user_left{code, "bob"}, test::notified::room_closed{code}});
  CHECK(s.all.find(code) == nullptr);
  CHECK(s.all.session_count() == 0);
  CHECK(s.all.participant_count() == 0);
}

TEST_CASE("a session is left by its code, however that is typed") {
  stage s;
  const std::string code = s.room_with({"alice", "bob"});
  std::string typed = code;
  typed.erase(typed.find('-'), 1);
  CHECK(s.leave("bob", " " + typed) == events{test::notified::user_left{code, "bob"}});
}

TEST_CASE("leaving a session that one is not in is refused, and changes nothing") {
  stage s;
  const std::string mine = s.room_with({"alice", "bob"});
  const std::string other = s.room_with({"carol"});
  const std::string unknown = "INVALID-99";
  CHECK(s.leave("alice", other) ==
        events{test::notified::refused{"alice", refusal::not_in_session, other}});
  CHECK(s.leave("alice", unknown) ==
        events{test::notified::refused{"alice", refusal::not_in_session, unknown}});
  CHECK(s.leave("alice", "") ==
        events{test::notified::refused{"alice", refusal::not_in_session, ""}});
  CHECK(s.leave("dave", mine) ==
        events{test::notified::refused{"dave", refusal::not_in_session, mine}});
  CHECK(s.leave("dave", unknown) ==
        events{test::notified::refused{"dave", refusal::not_in_session, unknown}});
  CHECK(s.members(mine) == std::vector<std::string>{"alice", "bob"});
  CHECK(s.members(other) == std::vector<std::string>{"carol"});
}

TEST_CASE("leaving twice is refused the second time") {
  stage s;
  const std::string code = s.room_with({"alice", "bob"});
  s.leave("bob", code);
  CHECK(s.leave("bob", code) ==
        events{test::notified::refused{"bob", refusal::not_in_session, code}});
}

TEST_CASE("a disconnect of somebody who is in no session causes nothing") {
  stage s;
  const std::string code = s.room_with({"alice", "bob"});
  s.leave("bob", code);
  CHECK(s.disconnect("bob").empty());
  CHECK(s.disconnect("nobody").empty());
  CHECK(s.disconnect("").empty());
}

}  // namespace
}  // namespace downbeat::session
