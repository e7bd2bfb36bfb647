#include "session/limits.hpp"

#include "session/directory.hpp"
#include "support/session_invariants.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace downbeat::session {
namespace {

using test::events;
using test::stage;

std::string name_of(int number) {
  return "user " + std::to_string(number);
}

TEST_CASE("ten fit into a session unless told otherwise, and an eleventh is refused") {
  stage s;
  const std::string code = s.room_with({name_of(1)});
  for (int i = 2; i <= 10; ++i) CHECK(s.join(name_of(i), code).size() == 2);
  CHECK(s.join(name_of(11), code) ==
        events{event::refused{name_of(11), refusal::session_full, code}});
  CHECK(s.all.find(code)->participants.size() == 10);
  CHECK(s.all.room_of(name_of(11)) == nullptr);
}

TEST_CASE("a place in a full session is free again once somebody has left") {
  stage s({2, 0});
  const std::string code = s.room_with({"alice", "bob"});
  s.leave("alice", code);
  CHECK(s.join("carol", code).size() == 2);
}

TEST_CASE("those who are in a full session may join it again") {
  stage s({2, 0});
  const std::string code = s.room_with({"alice", "bob"});
  const events told = s.join("bob", code);
  REQUIRE(told.size() == 1);
  CHECK(std::get<event::joined>(told.front()).again);
}

TEST_CASE("a session of one is full with its creator") {
  stage s({1, 0});
  const std::string code = s.room_with({"alice"});
  CHECK(s.join("bob", code) == events{event::refused{"bob", refusal::session_full, code}});
}

TEST_CASE("a thousand join one session when the limit is lifted") {
  stage s({0, 0});
  const std::string code = s.room_with({name_of(1)});
  for (int i = 2; i <= 1000; ++i) {
    const events told = s.join(name_of(i), code);
    REQUIRE(told.size() == 2);
    const auto& joined = std::get<event::joined>(told.front());
    REQUIRE(static_cast<int>(joined.participants.size()) == i);
    REQUIRE(joined.participants.back().id == name_of(i));
  }
  CHECK(s.all.participant_count() == 1000);
  for (int i = 1; i <= 999; ++i) {
    REQUIRE(s.disconnect(name_of(i)) ==
            events{event::user_left{code, name_of(i)}, event::host_changed{code, name_of(i + 1)}});
  }
  CHECK(s.disconnect(name_of(1000)) ==
        events{event::user_left{code, name_of(1000)}, event::room_closed{code}});
}

TEST_CASE("as many sessions as the limit fit, and one more is refused") {
  stage s({10, 3});
  for (int i = 1; i <= 3; ++i) CHECK(s.create(name_of(i)).size() == 1);
  CHECK(s.create(name_of(4)) == events{event::refused{name_of(4), refusal::server_full, ""}});
  CHECK(s.all.session_count() == 3);
  CHECK(s.all.room_of(name_of(4)) == nullptr);
  s.disconnect(name_of(2));
  CHECK(s.create(name_of(4)).size() == 1);
}

TEST_CASE("a full server still lets people join") {
  stage s({10, 1});
  const std::string code = s.room_with({"alice"});
  CHECK(s.join("bob", code).size() == 2);
}

TEST_CASE("on a full server, somebody alone may exchange their session for a new one") {
  stage s({10, 1});
  const std::string old = s.room_with({"alice"});
  CHECK(s.create("alice").size() == 3);
  CHECK(s.all.session_count() == 1);
  CHECK(s.all.find(old) == nullptr);
}

TEST_CASE("on a full server, somebody in company may not: their session would go on") {
  stage s({10, 1});
  const std::string code = s.room_with({"alice", "bob"});
  CHECK(s.create("alice") == events{event::refused{"alice", refusal::server_full, ""}});
  CHECK(s.all.room_of("alice") == s.all.find(code));
}

TEST_CASE("codes stay sparse and unique as ten thousand sessions come, and as most of them go") {
  stage s({0, 0});
  std::vector<user_id> users;
  for (int i = 0; i < 10'000; ++i) {
    users.push_back(name_of(i));
    s.create(users.back().str());
  }
  CHECK(s.all.session_count() == 10'000);
  CHECK(test::broken_invariant(s.all, {0, 0}, users).empty());
  for (int i = 50; i < 10'000; ++i) s.disconnect(name_of(i));
  s.create("late");
  users.emplace_back("late");
  CHECK(s.all.session_count() == 51);
  CHECK(s.all.room_of("late")->code.size() <= 8);
  CHECK(test::broken_invariant(s.all, {0, 0}, users).empty());
}

TEST_CASE("a million sessions are live at once with codes of ten characters, and no more") {
  directory all({});
  std::size_t longest_code = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const events told = all.apply(command::create{std::to_string(i), "Name", "unknown", i});
    longest_code = std::max(longest_code, std::get<event::created>(told.front()).room.size());
  }
  CHECK(longest_code == 10);
  CHECK(all.session_count() == 1'000'000);
  CHECK(all.participant_count() == 1'000'000);
  CHECK(all.find(all.room_of("999999")->code) == all.room_of("999999"));
  CHECK(all.apply(command::create{"late", "Name", "unknown", 1}) ==
        events{event::refused{"late", refusal::server_full, ""}});
}

}  // namespace
}  // namespace downbeat::session
