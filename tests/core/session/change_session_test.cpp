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

TEST_CASE("creating a session leaves the one before, whose members are notified afterwards") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const events notified = s.create("bob");
  const std::string fresh = s.all.room_of("bob")->code;
  CHECK(fresh != old);
  CHECK(notified ==
        events{test::notified::created{"bob", fresh}, test::notified::user_left{old, "bob"}});
  CHECK(s.members(old) == std::vector<std::string>{"alice"});
  CHECK(s.members(fresh) == std::vector<std::string>{"bob"});
  CHECK(s.all.participant_count() == 2);
}

TEST_CASE("a host who creates another session hands the one before on") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const events notified = s.create("alice");
  const std::string fresh = s.all.room_of("alice")->code;
  CHECK(notified == events{test::notified::created{"alice", fresh},
                           test::notified::user_left{old, "alice"},
                           test::notified::host_changed{old, "bob"}});
}

TEST_CASE("creating a session closes the one that the creator was alone in") {
  stage s;
  const std::string old = s.room_with({"alice"});
  const events notified = s.create("alice");
  const std::string fresh = s.all.room_of("alice")->code;
  CHECK(notified == events{test::notified::created{"alice", fresh},
                           test::notified::user_left{old, "alice"},
                           test::notified::room_closed{old}});
  CHECK(s.all.find(old) == nullptr);
  CHECK(s.all.session_count() == 1);
}

TEST_CASE("who is listed by two sessions is in the one entered last, and then in the other one") {
  directory all({});
  all.number_for(1);
  const auto create = [&](const std::string& code, std::uint32_t move) {
    event::created made;
    made.room = code;
    made.number = 1;
    made.who.id = participant_id("alice");
    made.who.move = move;
    all.evolve(made);
  };
  const bool is_later_first = GENERATE(false, true);
  create(is_later_first ? "ROCK-17" : "JAZZ-42", is_later_first ? 7 : 5);
  create(is_later_first ? "JAZZ-42" : "ROCK-17", is_later_first ? 5 : 7);
  CHECK(all.room_of("alice")->code == "ROCK-17");
  CHECK(all.other_rooms_of("alice") == std::vector<std::string>{"JAZZ-42"});
  all.evolve(event::left{"ROCK-17", participant_id("alice"), departure::moved});
  CHECK(all.room_of("alice")->code == "JAZZ-42");
  CHECK(all.other_rooms_of("alice").empty());
  all.evolve(event::closed{"JAZZ-42"});
  CHECK(all.room_of("alice") == nullptr);
  CHECK(all.participant_count() == 0);
}

TEST_CASE("two sessions entered by the same move are distinguished by their codes") {
  directory all({});
  all.number_for(1);
  const bool is_reversed = GENERATE(false, true);
  for (const bool is_first : {!is_reversed, is_reversed}) {
    event::created made;
    made.room = is_first ? "JAZZ-42" : "ROCK-17";
    made.number = 1;
    made.who.id = participant_id("alice");
    made.who.move = 5;
    all.evolve(made);
  }
  CHECK(all.room_of("alice")->code == "JAZZ-42");
}

TEST_CASE("creating again never gives the code of the session that one leaves") {
  directory all({});
  test::apply(all, command::create{"alice", "Alice", "unknown", 7});
  const std::string old = all.room_of("alice")->code;
  test::apply(all, command::create{"alice", "Alice", "unknown", 7});
  CHECK(all.room_of("alice")->code != old);
}

TEST_CASE("joining another session leaves the one before, whose members are notified afterwards") {
  stage s;
  const std::string old = s.room_with({"alice", "bob"});
  const std::string other = s.room_with({"carol"});
  CHECK(s.join("alice", other, "harp") ==
        events{test::notified::joined{
                   "alice", other, {person("carol"), person("alice", "harp")}, "carol", false},
               test::notified::user_joined{other, person("alice", "harp")},
               test::notified::user_left{old, "alice"}, test::notified::host_changed{old, "bob"}});
  CHECK(s.members(old) == std::vector<std::string>{"bob"});
  CHECK(s.members(other) == std::vector<std::string>{"carol", "alice"});
}

TEST_CASE("joining another session closes the one that one was alone in") {
  stage s;
  const std::string old = s.room_with({"alice"});
  const std::string other = s.room_with({"carol"});
  const events notified = s.join("alice", other);
  REQUIRE(notified.size() == 4);
  CHECK(notified[2] == test::any_notified(test::notified::user_left{old, "alice"}));
  CHECK(notified[3] == test::any_notified(test::notified::room_closed{old}));
  CHECK(s.all.session_count() == 1);
}

TEST_CASE("a failed change leaves everybody where they were") {
  stage s({2, 2});
  const std::string mine = s.room_with({"alice", "bob"});
  const std::string full = s.room_with({"carol", "dave"});
  CHECK(s.join("alice", full) ==
        events{test::notified::refused{"alice", refusal::session_full, full}});
  CHECK(s.join("alice", "INVALID-99") ==
        events{test::notified::refused{"alice", refusal::session_not_found, "INVALID-99"}});
  CHECK(s.create("alice") == events{test::notified::refused{"alice", refusal::server_full, ""}});
  CHECK(s.members(mine) == std::vector<std::string>{"alice", "bob"});
  CHECK(s.members(full) == std::vector<std::string>{"carol", "dave"});
  CHECK(s.all.find(mine)->host() == "alice");
}

}  // namespace
}  // namespace downbeat::session
