#include "session/evolve.hpp"

#include "base/entropy.hpp"
#include "session/event_text.hpp"
#include "support/session_stories.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace downbeat::session {
namespace {

using logs = std::map<std::string, std::vector<any_event>>;

std::vector<any_event> events_of(const decision& decided) {
  const auto* const caused = std::get_if<std::vector<any_event>>(&decided);
  return caused == nullptr ? std::vector<any_event>() : *caused;
}

/// Decides, applies, and keeps each room's log, which ends with the room.
void carry_out(directory& all, logs& kept, const any_command& command) {
  for (const any_event& event : events_of(all.decide(command))) {
    all.evolve(event);
    const std::string code(room_of(event));
    kept[code].push_back(event);
    if (std::holds_alternative<event::closed>(event)) kept.erase(code);
  }
}

std::optional<room> replayed(const std::vector<any_event>& log) {
  std::optional<room> state;
  for (const any_event& event : log) evolve(state, event);
  return state;
}

TEST_CASE("deciding changes nothing, however often", "[evolve]") {
  test::stage s;
  const std::string code = s.room_with({"alice", "bob"});
  const std::uint64_t before = digest_of(*s.all.find(code));
  const std::vector<any_command> commands = {command::create{"carol", "Carol", "harp", 9},
                                             command::join{"carol", code, "Carol", "harp"},
                                             command::update{"bob", "Bobby", std::nullopt},
                                             command::leave{"alice", code},
                                             command::disconnect{"alice"},
                                             command::move_away{"alice", code},
                                             command::reserve{"carol", code},
                                             command::close_if_empty{code}};
  for (const any_command& command : commands) {
    const auto once = events_of(s.all.decide(command));
    CHECK(once == events_of(s.all.decide(command)));
  }
  CHECK(digest_of(*s.all.find(code)) == before);
  CHECK(s.all.session_count() == 1);
  CHECK(s.all.reservation_count() == 0);
}

TEST_CASE("the next host is in the events, and not worked out when they are applied", "[evolve]") {
  test::stage s;
  const std::string code = s.room_with({"alice", "bob", "carol"});
  // Another version of the rules, in which the last one inherits.
  s.all.evolve(event::left{code, "alice", departure::left});
  s.all.evolve(event::host_changed{code, "carol"});
  CHECK(s.all.find(code)->host() == "carol");
}

TEST_CASE("a room whose word is on no list any more is made by its events", "[evolve]") {
  directory all({});
  all.evolve(event::created{"QUUX-23", 17, 1, {"alice", "Alice", "piano"}});
  REQUIRE(all.find("quux 23") != nullptr);
  CHECK(all.room_of("alice") == all.find("QUUX-23"));
  const auto next = events_of(all.decide(command::create{"bob", "Bob", "harp", 1}));
  CHECK(std::get<event::created>(next.front()).number == 18);
}

TEST_CASE("events that make no sense are passed over", "[evolve]") {
  test::stage s;
  const std::string code = s.room_with({"alice", "bob"});
  const std::vector<participant> before = s.all.find(code)->participants;
  s.all.evolve(event::created{code, 9, 0, {"eve", "Eve", "bass"}});
  s.all.evolve(event::created{"???", 9, 0, {"eve", "Eve", "bass"}});
  s.all.evolve(event::joined{"NONE-22", {"eve", "Eve", "bass"}, false});
  s.all.evolve(event::joined{code, {"bob", "Other", "bass"}, false});
  s.all.evolve(event::left{code, "eve", departure::left});
  s.all.evolve(event::updated{code, "eve", "Eve", "bass"});
  s.all.evolve(event::closed{"NONE-22"});
  CHECK(s.all.find(code)->participants == before);
  CHECK(s.all.room_of("eve") == nullptr);
  CHECK(s.all.participant_count() == 2);
  CHECK(s.all.session_count() == 1);
}

TEST_CASE("a log, what is loaded of its snapshot, and the live room are the same", "[evolve]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 6)));
  CAPTURE(seed);
  splitmix64 random(seed);
  directory all({4, 6});
  logs kept;
  const auto anybody = [&] { return user_id("user " + std::to_string(random.below(12))); };
  const auto some_code = [&] {
    const room* const place = all.room_of(anybody());
    return place == nullptr ? std::string("NONE-22") : place->code;
  };
  for (std::uint32_t step = 0; step < 600; ++step) {
    const user_id user = anybody();
    const room* const place = all.room_of(user);
    const std::string before = place == nullptr ? std::string() : place->code;
    const std::uint64_t what = random.below(6);
    if (what == 0) {
      carry_out(all, kept, command::create{user, "A", "unknown", random.next(), false, step + 1});
    } else if (what <= 2) {
      carry_out(all, kept, command::join{user, some_code(), "B", "piano", step + 1});
    } else if (what == 3) {
      carry_out(all, kept, command::update{user, "\"quoted\" \n name", std::nullopt});
    } else {
      carry_out(all, kept, command::disconnect{user});
    }
    const room* const after = all.room_of(user);
    if (!before.empty() && after != nullptr && after->code != before) {
      carry_out(all, kept, command::move_away{user, before});
    }
    REQUIRE(kept.size() == static_cast<std::size_t>(all.session_count()));
    for (const auto& [code, log] : kept) {
      const auto state = replayed(log);
      REQUIRE(state);
      REQUIRE(state->head.seq == log.size());
      REQUIRE(digest_of(state) == digest_of(*all.find(code)));
    }
  }
  // A directory that is made of snapshots and of what was logged after them.
  directory made({4, 6});
  for (const auto& [code, log] : kept) {
    const std::size_t half = log.size() / 2;
    std::vector<any_event> first(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(half));
    if (const auto early = replayed(first)) {
      auto loaded = read_snapshot(write_snapshot(*early));
      REQUIRE(loaded);
      made.load(*std::move(loaded));
    }
    for (std::size_t i = half; i < log.size(); ++i) made.evolve(log[i]);
  }
  CHECK(made.session_count() == all.session_count());
  for (const room* const place : all.rooms()) {
    REQUIRE(made.find(place->code) != nullptr);
    CHECK(digest_of(*made.find(place->code)) == digest_of(*place));
  }
}

TEST_CASE("loading a room over another keeps its reservations and only the participants in it",
          "[evolve]") {
  test::stage s;
  const std::string code = s.room_with({"alice", "bob"});
  s.all.reserve("carol", code);
  room other = *s.all.find(code);
  other.participants.erase(other.participants.begin());
  other.participants.push_back({"dave", "Dave", "drums"});
  other.host_id = "bob";
  s.all.load(other);
  CHECK(s.members(code) == std::vector<std::string>{"bob", "dave"});
  CHECK(s.all.room_of("alice") == nullptr);
  CHECK(s.all.room_of("dave") == s.all.find(code));
  CHECK(s.all.find(code)->reservations == 1);
  CHECK(s.all.participant_count() == 2);
}

TEST_CASE("a code that is spoken for is not drawn, and counts while its room is being made",
          "[evolve]") {
  directory all({10, 2});
  const command::create same{"alice", "Alice", "piano", 7};
  const std::string first(room_of(events_of(all.decide(same)).front()));
  all.withhold_code(first, true);
  CHECK(room_of(events_of(all.decide(same)).front()) != first);
  all.withhold_code("NONE-22", true);
  CHECK(events_of(all.decide(same)).empty());
  all.release_code("NONE-22");
  all.withhold_code(first, false);
  CHECK_FALSE(events_of(all.decide(same)).empty());
  all.release_code(first);
  CHECK(room_of(events_of(all.decide(same)).front()) == first);
}

}  // namespace
}  // namespace downbeat::session
