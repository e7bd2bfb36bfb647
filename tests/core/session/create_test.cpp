#include "session/directory.hpp"
#include "session/room_code.hpp"
#include "support/session_invariants.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace downbeat::session {
namespace {

using test::events;
using test::stage;

TEST_CASE("a participant who creates a session gets its code, and is its host and alone in it") {
  directory all({});
  const events notified = test::apply(all, command::create{"alice", "Alice", "piano", 1});
  const room* const place = all.room_of("alice");
  REQUIRE(place != nullptr);
  CHECK(notified == events{test::notified::created{"alice", place->code}});
  CHECK(place->host() == "alice");
  CHECK(place->participants == std::vector<participant>{{"alice", "Alice", "piano"}});
  CHECK(all.session_count() == 1);
  CHECK(all.participant_count() == 1);
}

TEST_CASE("a session's code is a word, a hyphen and two digits") {
  stage s;
  const std::string code = s.room_with({"alice"});
  CHECK(test::fits(code_formats().front(), code));
}

TEST_CASE("a session is found by its code, however that is typed") {
  stage s;
  const std::string code = s.room_with({"alice"});
  const room* const place = s.all.room_of("alice");
  std::string typed = " ";
  for (const char c : code) {
    typed += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
  }
  CHECK(s.all.find(code) == place);
  CHECK(s.all.find(typed) == place);
}

TEST_CASE("before anything is created, there is nothing") {
  const directory all({});
  CHECK(all.session_count() == 0);
  CHECK(all.participant_count() == 0);
  CHECK(all.room_of("alice") == nullptr);
  CHECK(all.find("MUSIC-42") == nullptr);
  CHECK(all.find("") == nullptr);
}

TEST_CASE("sessions are numbered in the order of their creation, and no number comes twice") {
  stage s;
  s.create("alice");
  s.create("bob");
  CHECK(s.all.room_of("alice")->number == 1);
  CHECK(s.all.room_of("bob")->number == 2);
  s.disconnect("bob");
  s.create("carol");
  CHECK(s.all.room_of("carol")->number == 3);
}

TEST_CASE("a code that collides with a live one is drawn again") {
  directory all({});
  std::set<std::string> codes;
  for (int i = 0; i < 100; ++i) {
    const user_id user("user " + std::to_string(i));
    test::apply(all, command::create{user, "Name", "unknown", 7});
    codes.insert(all.room_of(user)->code);
  }
  CHECK(codes.size() == 100);
}

TEST_CASE("the code of a session that is gone may be given again") {
  directory all({});
  test::apply(all, command::create{"alice", "Alice", "unknown", 7});
  const std::string code = all.room_of("alice")->code;
  test::apply(all, command::disconnect{"alice"});
  test::apply(all, command::create{"bob", "Bob", "unknown", 7});
  CHECK(all.room_of("bob")->code == code);
}

TEST_CASE("the same commands cause the same events") {
  directory one({});
  directory other({});
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const any_command command = command::create{user_id("user " + std::to_string(seed % 20)),
                                                "Name", "unknown", seed * seed};
    CHECK(test::apply(one, command) == test::apply(other, command));
  }
}

}  // namespace
}  // namespace downbeat::session
