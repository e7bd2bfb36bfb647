#include "session/limits.hpp"

#include "session/directory.hpp"
#include "support/session_invariants.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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

user_id id_of(int number) {
  return user_id(name_of(number));
}

TEST_CASE("ten fit into a session unless an option says otherwise, and an eleventh is refused") {
  stage s;
  const std::string code = s.room_with({name_of(1)});
  for (int i = 2; i <= 10; ++i) CHECK(s.join(name_of(i), code).size() == 2);
  CHECK(s.join(name_of(11), code) ==
        events{test::notified::refused{id_of(11), refusal::session_full, code}});
  CHECK(s.all.find(code)->participants.size() == 10);
  CHECK(s.all.room_of(id_of(11)) == nullptr);
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
  const events notified = s.join("bob", code);
  REQUIRE(notified.size() == 1);
  CHECK(std::get<test::notified::joined>(notified.front()).again);
}

TEST_CASE("a session of one is full with its creator") {
  stage s({1, 0});
  const std::string code = s.room_with({"alice"});
  CHECK(s.join("bob", code) == events{test::notified::refused{"bob", refusal::session_full, code}});
}

TEST_CASE("a thousand join one session when the limit is lifted") {
  stage s({0, 0});
  const std::string code = s.room_with({name_of(1)});
  for (int i = 2; i <= 1000; ++i) {
    const events notified = s.join(name_of(i), code);
    REQUIRE(notified.size() == 2);
    const auto& joined = std::get<test::notified::joined>(notified.front());
    REQUIRE(static_cast<int>(joined.participants.size()) == i);
    REQUIRE(joined.participants.back().id == id_of(i));
  }
  CHECK(s.all.participant_count() == 1000);
  for (int i = 1; i <= 999; ++i) {
    REQUIRE(s.disconnect(name_of(i)) == events{test::notified::user_left{code, id_of(i)},
                                               test::notified::host_changed{code, id_of(i + 1)}});
  }
  CHECK(s.disconnect(name_of(1000)) ==
        events{test::notified::user_left{code, id_of(1000)}, test::notified::room_closed{code}});
}

TEST_CASE("as many sessions as the limit fit, and one more is refused") {
  stage s({10, 3});
  for (int i = 1; i <= 3; ++i) CHECK(s.create(name_of(i)).size() == 1);
  CHECK(s.create(name_of(4)) ==
        events{test::notified::refused{id_of(4), refusal::server_full, ""}});
  CHECK(s.all.session_count() == 3);
  CHECK(s.all.room_of(id_of(4)) == nullptr);
  s.disconnect(name_of(2));
  CHECK(s.create(name_of(4)).size() == 1);
}

TEST_CASE("no limit of sessions, and nothing that is borrowed of one, is too large to count with") {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const user_id alice("alice");
  directory all(limits{0, largest}, {0, 2});
  for (int i = 0; i < 4; ++i) all.borrow_sessions(largest);
  CHECK(all.may_create(alice));
  all.limit({0, largest - 1});
  CHECK(all.may_create(alice));
  CHECK(all.lend_sessions() > 0);

  directory lowered(limits{0, std::int64_t{1} << 62}, {0, 2});
  lowered.borrow_sessions(std::int64_t{1} << 61);
  lowered.limit({0, 6});
  // Its part, and of what was borrowed as much in proportion.
  CHECK(lowered.lend_sessions() > 2);
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
  CHECK(s.create("alice") == events{test::notified::refused{"alice", refusal::server_full, ""}});
  CHECK(s.all.room_of("alice") == s.all.find(code));
}

TEST_CASE("codes stay sparse and unique as ten thousand sessions come, and as most of them go") {
  stage s({0, 0});
  std::vector<user_id> users;
  for (int i = 0; i < 10'000; ++i) {
    users.push_back(id_of(i));
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
    const events notified =
        test::apply(all, command::create{user_id(std::to_string(i)), "Name", "unknown", i});
    longest_code =
        std::max(longest_code, std::get<test::notified::created>(notified.front()).room.size());
  }
  CHECK(longest_code == 10);
  CHECK(all.session_count() == 1'000'000);
  CHECK(all.participant_count() == 1'000'000);
  CHECK(all.find(all.room_of("999999")->code) == all.room_of("999999"));
  CHECK(test::apply(all, command::create{"late", "Name", "unknown", 1}) ==
        events{test::notified::refused{"late", refusal::server_full, ""}});
}

TEST_CASE("a user's second reservation takes the place of the first") {
  stage s({2, 0});
  const std::string one = s.room_with({"alice"});
  const std::string other = s.room_with({"bob"});
  const auto hold = [&](const std::string& code) {
    return test::apply(s.all, command::reserve{"carol", code});
  };
  const auto reservations_of = [&](const std::string& code) {
    return s.all.find(code)->reservations;
  };
  CHECK(hold(one) == events{test::notified::reserved{"carol"}});
  // The same one again is still one.
  CHECK(hold(one) == events{test::notified::reserved{"carol"}});
  CHECK(reservations_of(one) == 1);
  CHECK(hold(other) == events{test::notified::reserved{"carol"}});
  CHECK(reservations_of(one) == 0);
  CHECK(reservations_of(other) == 1);
  // A reservation that keeps its room alive lets go of it.
  s.leave("bob", other);
  CHECK(hold(one) == events{test::notified::reserved{"carol"}, test::notified::room_closed{other}});
  test::apply(s.all, command::cancel_reservation{"carol"});
  CHECK(reservations_of(one) == 0);
  CHECK(s.all.reservation_count() == 0);
  s.leave("alice", one);
  CHECK(s.all.session_count() == 0);
}

TEST_CASE("a text that is too long for an id is nobody's") {
  CHECK(user_id(std::string(23, 'x')).str() == std::string(23, 'x'));
  CHECK(user_id(std::string(24, 'x')).empty());
  CHECK(user_id(std::string(300, 'x')).str().empty());
}

}  // namespace
}  // namespace downbeat::session
