// A client joins a room of another shard, and the journal has a say in it.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "session/event_text.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::jam::test {
namespace {

/// Bob and Alice in a room of shard 0, Carol in one of shard 1.
struct two_rooms : jam_stage {
  two_rooms() : jam_stage(journaled(), 2), alice(at(0)), bob(at(0)), carol(at(1)) {
    first = create(bob, "Bob");
    second = create(carol, "Carol");
    alice.join(first, "Alice");
    answer();
    hear();
  }

  musician at(shard_index where) {
    line.connect_next_to(where);
    return musician(line);
  }
  /// The answers may make the shards say something to each other, and append something more.
  void answer() {
    for (int i = 0; i < 4; ++i) line.answer_appends();
  }
  void fail(bool fails) { line.journal(1).set_faults({0, fails}); }
  void hear() {
    for (musician* one : {&alice, &bob, &carol}) one->messages();
  }
  std::string create(musician& by, std::string_view name) {
    by.emit("session:create", "{\"name\":\"" + std::string(name) + "\"}");
    answer();
    return member_of(by.last_message(), "roomCode");
  }
  std::size_t size_of(const std::string& code) {
    for (const application* one : apps) {
      const session::room* const room = one->sessions().find(code);
      if (room != nullptr) return room->participants.size();
    }
    return 0;
  }
  /// Nobody is on the way, and nothing is held or owed.
  bool is_at_rest() {
    answer();
    for (const application* one : apps) {
      if (!one->queues().empty() || one->is_entering(session::participant_id(alice.id()))) {
        return false;
      }
      for (const session::room* room : one->sessions().rooms()) {
        if (room->reservations != 0) return false;
      }
    }
    return true;
  }
  /// Alice is where she was, and nobody has heard anything else.
  void check_still_there() {
    CHECK(bob.messages().empty());
    CHECK(carol.messages().empty());
    alice.emit("session:event", R"({"type":"t"})");
    CHECK(bob.messages() == transcript{relayed(alice.id(), R"("type":"t")")});
    CHECK(size_of(first) == 2);
    CHECK(is_at_rest());
  }

  musician alice;
  musician bob;
  musician carol;
  std::string first;
  std::string second;
};

TEST_CASE("a join at another shard is in its journal before the old room is left", "[journal]") {
  two_rooms s;
  s.alice.join(s.second, "Alice");
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.messages().empty());
  CHECK(s.carol.messages().empty());
  CHECK(s.line.journal(1).log_of(s.second)->size() == 2);
  CHECK(s.line.journal(0).log_of(s.first)->size() == 2);
  s.answer();
  CHECK(s.alice.messages() ==
        transcript{joined(s.second, {person(s.carol.id(), "Carol"), person(s.alice.id(), "Alice")},
                          s.alice.id(), s.carol.id())});
  CHECK(s.carol.messages() == transcript{user_joined(person(s.alice.id(), "Alice"))});
  CHECK(s.bob.messages() == transcript{user_left(s.alice.id())});
  CHECK(s.is_at_rest());
  const auto& log = *s.line.journal(1).log_of(s.second);
  CHECK(std::get<session::event::joined>(log.back()).who.move == 2);
  CHECK(std::get<session::event::joined>(log.back()).who.pid_hash != nullptr);
}

TEST_CASE("a join at another shard that the journal does not take costs nothing", "[journal]") {
  two_rooms s;
  s.fail(true);
  s.alice.emit_with_ack("session:join",
                        R"({"roomCode":")" + s.second + R"(","name":"Alice","requestId":"j"})");
  s.answer();
  const transcript heard = s.alice.messages();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] ==
        error("This could not be saved, please try again", "try_again", "session:join"));
  CHECK(heard[1] == failed(0, "This could not be saved, please try again", "try_again"));
  s.check_still_there();
  s.fail(false);
  s.alice.join(s.second, "Alice");
  s.answer();
  CHECK(member_of(s.alice.last_message(), "roomCode") == s.second);
}

TEST_CASE("a newcomer whom the journal of another shard does not take stays connected",
          "[journal]") {
  two_rooms s;
  musician dave = s.at(0);
  s.fail(true);
  dave.join(s.second, "Dave");
  s.answer();
  CHECK(dave.messages() == transcript{error("This could not be saved, please try again",
                                            "try_again", "session:join")});
  CHECK(dave.is_open());
}

TEST_CASE("who is lost while a join at another shard is appended is away in the old room",
          "[journal]") {
  two_rooms s;
  s.alice.join(s.second, "Alice");
  s.alice.vanish();
  s.answer();
  CHECK(s.bob.messages() == transcript{user_away(s.alice.id(), grace_ms)});
  CHECK(s.carol.messages() ==
        transcript{user_joined(person(s.alice.id(), "Alice")), user_left(s.alice.id())});
  CHECK(s.is_at_rest());
  musician again(s.line, transport_kind::websocket, pid_auth(s.alice.pid()));
  CHECK(again.id() == s.alice.id());
  CHECK(member_of(again.last_message(), "roomCode") == s.first);
  // And she may ask again.
  again.join(s.second, "Alice");
  s.answer();
  CHECK(member_of(again.last_message(), "roomCode") == s.second);
  CHECK(s.is_at_rest());
}

TEST_CASE("who waits too long for the journal of another shard is closed, and keeps the seat",
          "[journal]") {
  two_rooms s;
  s.line.journal(1).set_faults({60'000});
  s.alice.join(s.second, "Alice");
  s.line.advance(journal_timeout_ms - 1);
  CHECK(s.alice.is_open());
  s.line.advance(1);
  CHECK_FALSE(s.alice.is_open());
  for (const std::string& heard : s.alice.messages()) CHECK(heard != "41");
  musician again(s.line, transport_kind::websocket, pid_auth(s.alice.pid()));
  s.answer();
  CHECK(member_of(again.last_message(), "roomCode") == s.first);
  // The journal does not know yet what became of the first one.
  again.join(s.second, "Alice");
  s.answer();
  CHECK(again.last_message() ==
        error("This could not be saved, please try again", "try_again", "session:join"));
  s.line.oversleep(60'000);
  s.line.journal(1).set_faults({});
  CHECK(s.is_at_rest());
  CHECK(s.size_of(s.second) == 1);
}

TEST_CASE("a room that is closed while a join from another shard is appended costs nobody a seat",
          "[journal]") {
  two_rooms s;
  s.alice.join(s.second, "Alice");
  s.line.operate(R"({"command":"close_session","roomCode":")" + s.second + "\"}", 1);
  s.answer();
  s.carol.messages();
  CHECK(s.alice.messages() ==
        transcript{error("Session not found", "session_not_found", "session:join")});
  CHECK(s.size_of(s.second) == 0);
  s.check_still_there();
}

TEST_CASE("an operator disconnects somebody who is about to join at another shard", "[journal]") {
  two_rooms s;
  s.alice.join(s.second, "Alice");
  const std::string command =
      R"({"command":"disconnect_participant","participantId":")" + s.alice.id() + "\"}";
  // As the host does, one shard after the other until one has the participant.
  CHECK(s.line.operate(command, 1).find("not_found") != std::string::npos);
  CHECK(s.line.operate(command, 0).find("\"ok\":true") != std::string::npos);
  s.answer();
  CHECK_FALSE(s.alice.is_open());
  CHECK(s.bob.messages() == transcript{user_left(s.alice.id())});
  CHECK(s.size_of(s.first) == 1);
  CHECK(s.size_of(s.second) == 1);
  CHECK(s.is_at_rest());
}

TEST_CASE("two who leave while the journal fails are both answered", "[journal]") {
  two_rooms s;
  musician dave = s.at(0);
  dave.join(s.first, "Dave");
  s.answer();
  s.line.journal(0).set_faults({0, true});
  for (int round = 0; round < 3; ++round) {
    const std::string leave = R"({"roomCode":")" + s.first + "\"}";
    s.alice.messages();
    dave.messages();
    s.alice.emit_with_ack("session:leave", leave);
    dave.emit_with_ack("session:leave", leave);
    s.answer();
    CHECK(s.alice.messages().back().find("\"ok\":true") != std::string::npos);
    CHECK(dave.messages().back().find("\"ok\":true") != std::string::npos);
    s.line.journal(0).set_faults({});
    s.line.advance(longest_retry_ms);
    s.alice.join(s.first, "Alice");
    dave.join(s.first, "Dave");
    s.answer();
    s.line.journal(0).set_faults({0, true});
  }
}

}  // namespace
}  // namespace downbeat::jam::test
