#include "session/directory.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::session {
namespace {

using test::events;
using test::person;
using test::stage;

TEST_CASE("a participant who joins gets the list, themselves last, and the others are notified") {
  stage s;
  const std::string code = s.room_with({"alice"});
  CHECK(s.join("bob", code, "drums") ==
        events{test::notified::joined{
                   "bob", code, {person("alice"), person("bob", "drums")}, "alice", false},
               test::notified::user_joined{code, person("bob", "drums")}});
  CHECK(s.all.room_of("bob") == s.all.room_of("alice"));
  CHECK(s.all.session_count() == 1);
  CHECK(s.all.participant_count() == 2);
}

TEST_CASE("participants are listed in order of joining") {
  stage s;
  const std::string code = s.room_with({"zoe", "alice", "mia", "bob"});
  CHECK(s.members(code) == std::vector<std::string>{"zoe", "alice", "mia", "bob"});
  s.leave("alice", code);
  s.join("alice", code);
  CHECK(s.members(code) == std::vector<std::string>{"zoe", "mia", "bob", "alice"});
}

TEST_CASE("the creator stays host while others join") {
  stage s;
  s.room_with({"zoe", "alice", "bob"});
  CHECK(s.all.room_of("bob")->host() == "zoe");
}

TEST_CASE("two participants may have the same name") {
  directory all({});
  test::apply(all, command::create{"1", "Alice", "piano", 1});
  const std::string code = all.room_of("1")->code;
  test::apply(all, command::join{"2", code, "Alice", "piano"});
  CHECK(all.room_of("1")->participants ==
        std::vector<participant>{{"1", "Alice", "piano"}, {"2", "Alice", "piano"}});
}

TEST_CASE("joining a session that does not exist is refused, and changes nothing") {
  stage s;
  const std::string code = s.room_with({"alice"});
  const auto* const unknown = GENERATE("INVALID-99", "", " ", "-", "!", "\xff", "💥");
  CHECK(s.join("charlie", unknown) ==
        events{test::notified::refused{"charlie", refusal::session_not_found, unknown}});
  CHECK(s.all.room_of("charlie") == nullptr);
  CHECK(s.members(code) == std::vector<std::string>{"alice"});
  CHECK(s.all.participant_count() == 1);
}

TEST_CASE("a code is not found by a part of it, nor with more after it") {
  stage s;
  const std::string code = s.room_with({"alice"});
  CHECK(s.all.find(code.substr(0, code.size() - 1)) == nullptr);
  CHECK(s.all.find(code + "2") == nullptr);
}

TEST_CASE("a session is gone once everybody has left, and cannot be joined") {
  stage s;
  const std::string code = s.room_with({"alice"});
  s.leave("alice", code);
  CHECK(s.join("bob", code) ==
        events{test::notified::refused{"bob", refusal::session_not_found, code}});
}

TEST_CASE("joining one's own session answers again, changes nothing and notifies nobody") {
  stage s;
  const std::string code = s.room_with({"alice", "bob", "carol"});
  const std::vector<participant> before = s.all.room_of("bob")->participants;
  CHECK(s.join("bob", code, "kazoo") ==
        events{test::notified::joined{"bob", code, before, "alice", true}});
  CHECK(s.all.room_of("bob")->participants == before);
}

TEST_CASE("the host too may join their own session again, alone or not") {
  stage s;
  const std::string code = s.room_with({"alice"});
  CHECK(s.join("alice", code) ==
        events{test::notified::joined{"alice", code, {person("alice")}, "alice", true}});
  s.join("bob", code);
  CHECK(s.join("alice", code) ==
        events{test::notified::joined{
            "alice", code, {person("alice"), person("bob")}, "alice", true}});
}

}  // namespace
}  // namespace downbeat::session
