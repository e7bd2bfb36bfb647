#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "jam/memory_journal.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Rooms that the host keeps: what clients receive, and when.
namespace downbeat::jam::test {
namespace {

options kept_by_host() {
  options of;
  of.journal = journal_kind::host;
  return of;
}

/// A server whose journal answers on request.
struct journal_stage : jam_stage {
  explicit journal_stage(const options& of = kept_by_host()) : jam_stage(of, 1) {}

  memory_journal& journal() { return line.journal(); }
  void answer() { line.answer_appends(); }
  /// Has somebody create a session, which the journal takes.
  std::string create(musician& by, std::string_view name) {
    by.emit("session:create", "{\"name\":\"" + std::string(name) + "\"}");
    answer();
    return member_of(by.last_message(), "roomCode");
  }
  void join(musician& by, std::string_view code, std::string_view name) {
    by.join(code, name);
    answer();
    by.messages();
  }
  /// Whether the rooms are what their logs make of them.
  bool agrees() {
    for (const session::room* room : app->sessions().rooms()) {
      const auto* const log = journal().log_of(room->code);
      if (log == nullptr) return false;
      std::optional<session::room> state;
      for (const session::any_event& event : *log) evolve(state, event);
      if (digest_of(state) != digest_of(*room)) return false;
    }
    return app->queues().empty() &&
           journal().room_count() == static_cast<std::size_t>(app->sessions().session_count());
  }
};

TEST_CASE("a session is there once the journal has it, and not before", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  CHECK(alice.messages().empty());
  CHECK(session_count(*s.app) == 0);
  CHECK(s.journal().room_count() == 1);
  s.answer();
  const std::string code = member_of(alice.last_message(), "roomCode");
  CHECK(find_room(*s.app, code));
  CHECK(s.agrees());
}

TEST_CASE("one append of a room is outstanding, and what came meanwhile goes out as one",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  musician dave(s.line);
  const std::string code = s.create(alice, "Alice");
  const std::uint64_t before = s.line.measure("journal_appends_total");
  bob.join(code, "Bob");
  carol.join(code, "Carol");
  dave.join(code, "Dave");
  CHECK(s.line.measure("journal_appends_total") == before + 1);
  CHECK(s.line.measure("journal_commands_waiting") == 3);
  s.answer();
  CHECK(s.line.measure("journal_appends_total") == before + 2);
  CHECK(s.line.measure("journal_commands_waiting") == 0);
  CHECK(find_room(*s.app, code)->participants.size() == 4);
  CHECK(s.agrees());
}

TEST_CASE("after a failed append nothing has happened, and the caller gets try_again",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.journal().set_faults({0, true});
  bob.join(code, "Bob");
  s.answer();
  CHECK(bob.messages() == transcript{error("This could not be saved, please try again", "try_again",
                                           "session:join")});
  CHECK(alice.messages().empty());
  CHECK(find_room(*s.app, code)->participants.size() == 1);
  CHECK(find_room(*s.app, code)->reservations == 0);
  s.journal().set_faults({});
  s.join(bob, code, "Bob");
  CHECK(find_room(*s.app, code)->participants.size() == 2);
  CHECK(s.agrees());
}

TEST_CASE("a leave takes effect at once, and the journal gets it before anything later",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.join(bob, code, "Bob");
  alice.messages();
  s.journal().set_faults({0, true});
  alice.leave(code);
  CHECK(bob.messages() == transcript{user_left(alice.id()), host_changed(bob.id())});
  s.answer();
  CHECK(s.line.measure("journal_owed_events") == 2);
  s.journal().set_faults({});
  s.join(alice, code, "Alice");
  CHECK(find_room(*s.app, code)->participants.size() == 2);
  CHECK(find_room(*s.app, code)->host == bob.id());
  CHECK(s.agrees());
}

TEST_CASE("a leave is acknowledged when the journal has it", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.join(bob, code, "Bob");
  alice.messages();
  bob.emit_with_ack("session:leave", R"({"roomCode":")" + code + "\"}");
  // What Bob sends meanwhile is handled after the answer.
  bob.emit_with_ack("session:update", R"({"name":"Bo"})");
  CHECK(alice.messages() == transcript{user_left(bob.id())});
  CHECK(bob.messages().empty());
  CHECK(s.line.measure("journal_commands_waiting") == 0);
  s.answer();
  const auto answers = bob.messages();
  REQUIRE(answers.size() >= 2);
  CHECK(answers[0] == acked(0));
  CHECK(answers[1].find("not_in_session") != std::string::npos);
  CHECK(s.agrees());
}

TEST_CASE("a leave that the journal cannot take is acknowledged all the same", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.join(bob, code, "Bob");
  alice.messages();
  s.journal().set_faults({0, true});
  bob.emit_with_ack("session:leave", R"({"roomCode":")" + code + "\"}");
  CHECK(bob.messages().empty());
  s.answer();
  CHECK(bob.messages() == transcript{acked(0)});
  CHECK(alice.messages() == transcript{user_left(bob.id())});
}

TEST_CASE("who is gone before the leave is answered has left", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.join(bob, code, "Bob");
  bob.emit_with_ack("session:leave", R"({"roomCode":")" + code + "\"}");
  bob.vanish();
  s.answer();
  CHECK(find_room(*s.app, code)->participants.size() == 1);
  CHECK(s.agrees());
}

TEST_CASE("a leave of which the journal says nothing costs its client the connection",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  const std::string code = s.create(alice, "Alice");
  s.journal().set_faults({60'000});
  alice.emit_with_ack("session:leave", R"({"roomCode":")" + code + "\"}");
  s.line.advance(journal_timeout_ms - 1);
  CHECK(alice.is_open());
  s.line.advance(1);
  CHECK_FALSE(alice.is_open());
  for (const std::string& heard : alice.messages()) CHECK(heard != "41");
  s.line.oversleep(60'000);
  s.journal().set_faults({});
  s.answer();
  CHECK(s.agrees());
}

TEST_CASE("what is owed is written again after a pause", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  s.create(alice, "Alice");
  s.journal().set_faults({0, true});
  alice.vanish();
  s.answer();
  CHECK(s.journal().room_count() == 1);
  s.journal().set_faults({});
  s.line.advance(first_retry_ms);
  s.answer();
  CHECK(s.journal().room_count() == 0);
  CHECK(s.app->queues().empty());
}

TEST_CASE("a host who leaves an empty room while somebody is on the way hands it on", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  bob.join(code, "Bob");
  alice.leave(code);
  s.answer();
  CHECK(find_room(*s.app, code)->host == bob.id());
  CHECK(bob.messages() == transcript{joined(code, {person(bob.id(), "Bob")}, bob.id(), bob.id())});
  CHECK(s.agrees());
}

TEST_CASE("a command that others come before is decided again, eight times at most", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.journal().set_faults({1, false, false, true});
  bob.join(code, "Bob");
  const auto answer_one = [&] {
    s.line.oversleep(1);
    s.answer();
  };
  for (std::uint32_t i = 2; i < max_conflicts; ++i) {
    answer_one();
    CHECK(bob.messages().empty());
  }
  SECTION("and then refused") {
    answer_one();
    CHECK(bob.messages().empty());
    answer_one();
    CHECK(bob.messages() == transcript{error("This could not be saved, please try again",
                                             "try_again", "session:join")});
    CHECK(s.line.measure("journal_conflicts_total") == max_conflicts);
  }
  SECTION("or takes effect before that") {
    // The eighth append is made with the answer to the seventh.
    s.journal().set_faults({});
    answer_one();
    CHECK(find_room(*s.app, code)->participants.size() == 2);
  }
  CHECK(s.agrees());
}

TEST_CASE("members get what others have appended", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  const std::string code = s.create(alice, "Alice");
  alice.emit("session:update", R"({"name":"Alicia"})");
  const std::string events = session::write_events(std::vector<session::any_event>{
      session::event::joined{code, {session::participant_id("far away"), "Far", "lute"}, false}});
  s.line.give(input::append_answered{2, input::append_answered::outcome::conflict, events});
  CHECK(alice.messages() == transcript{user_joined(person("far away", "Far", "lute"))});
  CHECK(find_room(*s.app, code)->participants.size() == 2);
}

TEST_CASE("while nobody knows what became of an append, its room decides nothing", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string code = s.create(alice, "Alice");
  s.journal().set_faults({100, false, true});
  bob.join(code, "Bob");
  s.line.oversleep(100);
  s.answer();
  const std::uint64_t appends = s.line.measure("journal_appends_total");
  carol.join(code, "Carol");
  CHECK(s.line.measure("journal_appends_total") == appends);
  CHECK(s.line.measure("journal_unknown_total") == 1);
  alice.emit("session:event", R"({"type":"note"})");
  CHECK(bob.messages().empty());
  s.journal().set_faults({});
  s.line.oversleep(100);
  s.answer();
  CHECK(find_room(*s.app, code)->participants.size() == 3);
  CHECK(s.agrees());
}

TEST_CASE("a client waits five seconds for the journal, and is closed without a DISCONNECT",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = s.create(alice, "Alice");
  s.journal().set_faults({60'000});
  bob.join(code, "Bob");
  s.line.advance(journal_timeout_ms - 1);
  CHECK(bob.is_open());
  s.line.advance(1);
  CHECK_FALSE(bob.is_open());
  for (const std::string& heard : bob.messages()) CHECK(heard != "41");
  CHECK(s.line.measure("journal_timeouts_total") == 1);
  // It was written all the same, and is taken back.
  s.line.oversleep(60'000);
  s.journal().set_faults({});
  s.answer();
  CHECK(find_room(*s.app, code)->participants.size() == 1);
  CHECK(s.agrees());
}

TEST_CASE("what the caller sends meanwhile is held, and everybody else plays on", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string code = s.create(alice, "Alice");
  s.join(bob, code, "Bob");
  alice.messages();
  carol.join(code, "Carol");
  carol.emit("session:event", R"({"type":"late"})");
  alice.emit("session:event", R"({"type":"now"})");
  CHECK(bob.messages() == transcript{relayed(alice.id(), R"("type":"now")")});
  CHECK(alice.messages().empty());
  s.answer();
  CHECK(alice.messages().back() == relayed(carol.id(), R"("type":"late")"));
}

TEST_CASE("a participant who changes sessions is in the new one before they leave the old one",
          "[journal]") {
  journal_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string old = s.create(alice, "Alice");
  const std::string other = s.create(bob, "Bob");
  alice.join(other, "Alice");
  CHECK(find_room(*s.app, old)->participants.size() == 1);
  s.line.answer_appends();
  CHECK_FALSE(find_room(*s.app, old));
  const auto& log = *s.journal().log_of(other);
  CHECK(std::get<session::event::joined>(log.back()).who.move == 2);
  CHECK(s.agrees());
}

TEST_CASE("answers to what nobody asked are passed over", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  using outcome = input::append_answered::outcome;
  const auto how =
      GENERATE(outcome::appended, outcome::conflict, outcome::failed, outcome::unknown);
  s.line.give(input::append_answered{77, how, "[]"});
  s.line.give(input::append_answered{0, how, "nonsense"});
  const std::string code = s.create(alice, "Alice");
  CHECK_FALSE(code.empty());
  CHECK(s.agrees());
}

TEST_CASE("a conflict that cannot be read is a failure", "[journal]") {
  journal_stage s;
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  const auto* const events =
      GENERATE("", "[]", "[{}]", R"([{"v":1,"type":"closed","room":"OTHER-22"}])");
  s.line.give(input::append_answered{1, input::append_answered::outcome::conflict, events});
  CHECK(alice.messages() == transcript{error("This could not be saved, please try again",
                                             "try_again", "session:create")});
  CHECK(s.app->queues().empty());
}

TEST_CASE("after a restart the rooms of the journal end, and their codes with them", "[journal]") {
  memory_journal kept;
  std::string code;
  {
    journal_stage s;
    musician alice(s.line);
    musician bob(s.line);
    code = s.create(alice, "Alice");
    s.join(bob, code, "Bob");
    kept = s.journal();
  }
  const bool forgets = GENERATE(false, true);
  forgets ? kept.forget() : kept.restart();
  REQUIRE(kept.rooms().size() == 1);
  CHECK(kept.rooms().front().participants.size() == (forgets ? 1 : 2));
  wire line(make_engine(kept_by_host()));
  line.restore(kept);
  line.answer_appends();
  CHECK(line.journal().room_count() == 0);
  musician carol(line);
  carol.emit("session:join", R"({"roomCode":")" + code + R"(","name":"Carol"})");
  CHECK(carol.last_message().find("session_not_found") != std::string::npos);
}

}  // namespace
}  // namespace downbeat::jam::test
