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

TEST_CASE("creating a session leaves the one before, whose members are told afterwards") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const events told = s.create("bob");
  const std::string fresh = s.all.room_of("bob")->code;
  CHECK(fresh != old);
  CHECK(told == events{event::created{"bob", fresh}, event::user_left{old, "bob"}});
  CHECK(s.members(old) == std::vector<std::string>{"alice"});
  CHECK(s.members(fresh) == std::vector<std::string>{"bob"});
  CHECK(s.all.participant_count() == 2);
}

TEST_CASE("a host who creates another session hands the one before on") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const events told = s.create("alice");
  const std::string fresh = s.all.room_of("alice")->code;
  CHECK(told == events{event::created{"alice", fresh}, event::user_left{old, "alice"},
                       event::host_changed{old, "bob"}});
}

TEST_CASE("creating a session closes the one that the creator was alone in") {
  stage s;
  const std::string old = s.room_with({"alice"});
  const events told = s.create("alice");
  const std::string fresh = s.all.room_of("alice")->code;
  CHECK(told == events{event::created{"alice", fresh}, event::user_left{old, "alice"},
                       event::room_closed{old}});
  CHECK(s.all.find(old) == nullptr);
  CHECK(s.all.session_count() == 1);
}

TEST_CASE("creating again never gives the code of the session that one leaves") {
  directory all({});
  all.apply(command::create{"alice", "Alice", "unknown", 7});
  const std::string old = all.room_of("alice")->code;
  all.apply(command::create{"alice", "Alice", "unknown", 7});
  CHECK(all.room_of("alice")->code != old);
}

TEST_CASE("joining another session leaves the one before, whose members are told afterwards") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const std::string other = s.room_with({"carol"});
  CHECK(s.join("alice", other, "harp") ==
        events{event::joined{
                   "alice", other, {person("carol"), person("alice", "harp")}, "carol", false},
               event::user_joined{other, person("alice", "harp")}, event::user_left{old, "alice"},
               event::host_changed{old, "bob"}});
  CHECK(s.members(old) == std::vector<std::string>{"bob"});
  CHECK(s.members(other) == std::vector<std::string>{"carol", "alice"});
}

TEST_CASE("joining another session closes the one that one was alone in") {
  stage s;
  const std::string old = s.room_with({"alice"});
  const std::string other = s.room_with({"carol"});
  const events told = s.join("alice", other);
  REQUIRE(told.size() == 4);
  CHECK(told[2] == any_event(event::user_left{old, "alice"}));
  CHECK(told[3] == any_event(event::room_closed{old}));
  CHECK(s.all.session_count() == 1);
}

TEST_CASE("a failed change leaves everybody where they were") {
  stage s({2, 2});
  const std::string mine = s.room_with({"alice", "bob"});
  const std::string full = s.room_with({"carol", "dave"});
  CHECK(s.join("alice", full) == events{event::refused{"alice", refusal::session_full, full}});
  CHECK(s.join("alice", "INVALID-99") ==
        events{event::refused{"alice", refusal::session_not_found, "INVALID-99"}});
  CHECK(s.create("alice") == events{event::refused{"alice", refusal::server_full, ""}});
  CHECK(s.members(mine) == std::vector<std::string>{"alice", "bob"});
  CHECK(s.members(full) == std::vector<std::string>{"carol", "dave"});
  CHECK(s.all.find(mine)->host() == "alice");
}

}  // namespace
}  // namespace downbeat::session
