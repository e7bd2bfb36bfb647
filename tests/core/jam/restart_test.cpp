// The server ends, in order or not, and the next one goes on with the sessions of the journal.
#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

constexpr std::int64_t noon_ms = 1'800'000'000'000;

struct server : jam_stage {
  server() : jam_stage(journaled(), 1) { line.give(input::clock{noon_ms}); }

  /// The next server, with what this one's journal has.
  void go_on_in(server& next) { next.line.restore(line.journal()); }
  std::string create(musician& by, std::string_view name) {
    by.emit("session:create", "{\"name\":\"" + std::string(name) + "\"}");
    line.answer_appends();
    return member_of(by.last_message(), "roomCode");
  }
  void join(musician& by, std::string_view code, std::string_view name) {
    by.join(code, name);
    line.answer_appends();
    by.messages();
  }
  musician comes_back(std::string_view pid) {
    return musician(line, transport_kind::websocket, pid_auth(pid));
  }
  std::size_t size_of(const std::string& code) {
    const session::room* const room = app->sessions().find(code);
    return room == nullptr ? 0 : room->participants.size();
  }
};

TEST_CASE("a server that stops appends what it owes, and changes nothing more", "[journal]") {
  server first;
  musician alice(first.line);
  musician bob(first.line);
  const std::string code = first.create(alice, "Alice");
  first.join(bob, code, "Bob");
  // Alice's new name is being appended when Bob leaves.
  alice.emit("session:update", R"({"name":"Ada"})");
  bob.emit("session:leave", R"({"roomCode":")" + code + "\"}");
  CHECK(first.line.journal().log_of(code)->size() == 3);
  first.line.shut_down();
  const auto& log = *first.line.journal().log_of(code);
  REQUIRE(log.size() == 4);
  CHECK(std::holds_alternative<session::event::left>(log.back()));
  first.line.answer_appends();
  CHECK(first.line.journal().log_of(code)->size() == 4);

  server second;
  first.go_on_in(second);
  CHECK(second.size_of(code) == 1);
  musician again = second.comes_back(alice.pid());
  CHECK(again.id() == alice.id());
  CHECK(again.last_message().find("\"name\":\"Ada\"") != std::string::npos);
}

TEST_CASE("a drain says that the sessions go on in the next server", "[journal]") {
  server first;
  musician alice(first.line);
  first.create(alice, "Alice");
  first.line.give(input::drain_requested{0});
  CHECK(
      alice.messages() ==
      transcript{
          R"(42["server:closing",{"reason":"server shutting down","withinMs":0,"resumes":true}])"});
}

TEST_CASE("who was away before a restart has the rest of the grace, ten seconds at least",
          "[journal]") {
  const auto [down_ms, left_ms] = GENERATE(table<std::int64_t, std::int64_t>({
      {0, grace_ms},
      {20'000, grace_ms - 20'000},
      {55'000, 10'000},
      {1'000'000, 10'000},
      // The clock was set back.
      {-5'000, grace_ms},
  }));
  server first;
  musician alice(first.line);
  const std::string code = first.create(alice, "Alice");
  alice.vanish();
  first.line.answer_appends();

  server second;
  second.line.give(input::clock{noon_ms + down_ms});
  first.go_on_in(second);
  second.line.answer_appends();
  CHECK(*second.app->away_until(session::participant_id(alice.id())) == left_ms);
  second.line.advance(left_ms - 1);
  CHECK(second.size_of(code) == 1);
  second.line.advance(1);
  CHECK(second.size_of(code) == 0);
}

TEST_CASE("a pid that was drawn after a reload is good in the next server", "[journal]") {
  server first;
  musician alice(first.line, transport_kind::websocket, R"({"resume":true})");
  alice.emit("session:create", R"({"name":"Alice"})");
  first.line.answer_appends();
  const std::string token = member_of(alice.last_message(), "resumeToken");
  alice.vanish();
  first.line.answer_appends();
  musician reloaded(first.line, transport_kind::websocket,
                    R"({"resume":true,"resumeToken":")" + token + "\"}");
  REQUIRE(reloaded.id() == alice.id());
  REQUIRE(reloaded.pid() != alice.pid());
  first.line.answer_appends();

  server second;
  first.go_on_in(second);
  musician again = second.comes_back(reloaded.pid());
  CHECK(again.id() == alice.id());
  musician stale = second.comes_back(alice.pid());
  CHECK(stale.id() != alice.id());
}

TEST_CASE("codes that a client creates after a restart cannot be foreseen", "[journal]") {
  server first;
  musician alice(first.line);
  first.create(alice, "Alice");
  std::set<std::string> codes;
  for (std::uint8_t drawn = 1; drawn <= 3; ++drawn) {
    server second;
    first.go_on_in(second);
    second.line.answer_appends();
    entropy fresh{};
    fresh.fill(drawn);
    second.line.draw_next(fresh);
    musician again = second.comes_back(alice.pid());
    REQUIRE(again.id() == alice.id());
    codes.insert(second.create(again, "Alice"));
  }
  CHECK(codes.size() == 3);
}

TEST_CASE("a request that comes again after a restart is answered again, and does nothing twice",
          "[journal]") {
  server first;
  musician alice(first.line);
  musician bob(first.line);
  const std::string create = R"({"name":"Alice","requestId":"c"})";
  const std::string update = R"({"name":"Ada","requestId":"u"})";
  alice.emit("session:create", create);
  first.line.answer_appends();
  const std::string code = member_of(alice.last_message(), "roomCode");
  const std::string join =
      R"({"roomCode":")" + code + R"(","name":"Bob","instrument":"lute","requestId":"j"})";
  bob.emit("session:join", join);
  first.line.answer_appends();
  alice.emit("session:update", update);
  first.line.answer_appends();

  server second;
  first.go_on_in(second);
  second.line.answer_appends();
  musician ada = second.comes_back(alice.pid());
  musician again = second.comes_back(bob.pid());
  second.line.answer_appends();
  ada.messages();
  again.messages();
  const std::string members = R"("roomCode":")" + code + R"(","userId":")";
  ada.emit_with_ack("session:update", R"({"name":"Someone","requestId":"u"})");
  CHECK(ada.messages() == transcript{acked(0)});
  again.emit_with_ack("session:join", join);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] == joined(code, {person(ada.id(), "Ada"), person(again.id(), "Bob", "lute")},
                           again.id(), ada.id()));
  // Bob leaves, so that Alice's request is answered as that of a session with nobody else.
  again.leave(code);
  second.line.answer_appends();
  ada.messages();
  ada.emit_with_ack("session:create", create);
  CHECK(ada.messages() == transcript{R"(42["session:created",{)" + members + ada.id() + "\"}]",
                                     acked(1, members + ada.id() + '"')});
  CHECK(session_count(*second.app) == 1);
  CHECK(second.line.measure("journal_commands_waiting") == 0);
}

TEST_CASE("of a participant's requests the journal keeps the last eight", "[journal]") {
  server first;
  musician alice(first.line);
  const std::string code = first.create(alice, "Alice");
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    alice.emit("session:update", R"({"name":"A)" + n + R"(","requestId":"u)" + n + R"("})");
    first.line.answer_appends();
  }
  const auto& requests = *first.app->sessions().find(code)->participants.front().requests;
  REQUIRE(requests.size() == 8);
  CHECK(requests.front().id == "u4");
  CHECK(requests.back().id == "u11");
}

TEST_CASE("a restart of many rooms appends them bit by bit, and any of them at once when needed",
          "[journal]") {
  constexpr int rooms = 1'200;
  server first;
  std::vector<std::string> codes;
  std::vector<std::string> pids;
  {
    for (int i = 0; i < rooms; ++i) {
      first.line.set_address("192.0.2." + std::to_string(i % 250));
      musician one(first.line);
      codes.push_back(first.create(one, "Ada"));
      pids.push_back(one.pid());
    }
  }
  const auto lost_in = [&](server& of) {
    int count = 0;
    for (const std::string& code : codes) {
      const auto& log = *of.line.journal().log_of(code);
      count += std::holds_alternative<session::event::lost>(log.back()) ? 1 : 0;
    }
    return count;
  };
  server second;
  first.go_on_in(second);
  const int at_once = lost_in(second);
  CHECK(at_once > 0);
  CHECK(at_once < rooms);
  // The last of them has not been appended yet, and somebody comes back.
  musician again = second.comes_back(pids.back());
  CHECK(again.last_message().find("resumed") != std::string::npos);
  second.line.answer_appends();
  second.line.wake();
  for (int i = 0; i < 10; ++i) {
    second.line.answer_appends();
    second.line.wake();
  }
  CHECK(lost_in(second) == rooms - 1);
  CHECK(second.app->queues().empty());
}

TEST_CASE("rooms that no engine has made are restored without harm", "[journal]") {
  server one;
  const auto restore = [&](const std::string& snapshot) {
    one.line.give(input::room_restored{snapshot});
  };
  const auto room = [](const std::string& code, const std::string& who) {
    const std::string pid(43, 'A');
    return R"({"v":1,"room":")" + code + R"(","number":1,"format":0,"seq":1,"host":")" + who +
           R"(","participants":[{"id":")" + who +
           R"(","name":"Ada","instrument":"drums","move":1,"pid":")" + pid + R"("}]})";
  };
  restore("");
  restore("{}");
  restore(room("BONGO-72", "somebody"));
  // The same room, the same participant, and the same pid again.
  restore(room("BONGO-72", "somebody"));
  restore(room("MUSIC-42", "somebody"));
  restore(room("TEMPO-33", "another"));
  one.line.give(input::restore_finished{});
  one.line.answer_appends();
  CHECK(one.app->sessions().participant_count() == 2);
  // Too late.
  restore(room("JAZZY-11", "third"));
  one.line.give(input::restore_finished{});
  CHECK(one.app->sessions().find("JAZZY-11") == nullptr);
  one.line.advance(grace_ms + 1);
  one.line.answer_appends();
  CHECK(one.app->sessions().session_count() == 0);
}

}  // namespace
}  // namespace downbeat::jam::test
