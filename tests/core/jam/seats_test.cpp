// A lost connection is not a leave: the seat is kept for a grace, and a client that shows its pid
// is back.

#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "text/sha256.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::jam::test {
namespace {

struct seats_stage : jam_stage {
  explicit seats_stage(const options& of = with_seats()) : jam_stage(of, 1) {}

  musician comes_back(const musician& as, transport_kind by = transport_kind::websocket) {
    return musician(line, by, pid_auth(as.pid()));
  }
};

TEST_CASE("without a grace nobody gets a pid, and a pid means nothing") {
  jam_stage s(options(), 1);
  musician alice(s.line);
  CHECK(alice.pid().empty());
  musician bob(s.line, transport_kind::websocket, R"({"pid":"0123456789012345678901"})");
  CHECK(bob.messages().empty());
}

TEST_CASE("who is lost is away, and comes back as themselves") {
  const transport_kind by = GENERATE(values(all_transports));
  seats_stage s;
  musician alice(s.line, by);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();

  bob.vanish();
  CHECK(alice.messages() == transcript{user_away(bob.id(), grace_ms)});
  CHECK(s.line.measure("participants") == 1);
  CHECK(s.line.measure("participants_away") == 1);
  s.line.advance(10'000);
  alice.messages();

  musician again = s.comes_back(bob, by);
  CHECK(again.id() == bob.id());
  CHECK(again.pid() == bob.pid());
  CHECK(again.messages() ==
        transcript{joined_with(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")},
                               bob.id(), alice.id(), R"(,"resumed":true)")});
  CHECK(alice.messages() == transcript{user_back(person(bob.id(), "Bob"), alice.id())});
  again.emit("session:event", R"({"type":"note","data":1})");
  CHECK(alice.messages() == transcript{relayed(bob.id(), R"("type":"note","data":1)")});
  alice.emit("session:event", R"({"type":"note","data":2})");
  CHECK(again.messages() == transcript{relayed(alice.id(), R"("type":"note","data":2)")});
  CHECK(s.line.measure("seats_recovered_total") == 1);
  CHECK(s.line.measure("participants_away") == 0);
}

TEST_CASE("every end of a connection but the client's own leaves the seat") {
  options of = with_seats();
  of.engineio.ping_interval_ms = 25'000;
  seats_stage s(of);
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  SECTION("the transport is closed") {
    bob.vanish();
  }
  SECTION("the protocol is broken") {
    bob.send("42{}");
  }
  SECTION("an Engine.IO close packet") {
    bob.send_engine("1");
  }
  SECTION("no pong") {
    // Alice answers her pings whenever she looks; Bob does not look.
    s.line.advance(25'000);
    alice.messages();
    s.line.advance(20'000);
  }
  const transcript heard = alice.messages();
  REQUIRE(!heard.empty());
  CHECK(heard.back() == user_away(bob.id(), grace_ms));
  CHECK(find_room(*s.app, code)->participants.size() == 2);
}

TEST_CASE(
    "a client that leaves or is disconnected has no seat any more, and gets nothing of it later") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  SECTION("leaves") {
    bob.leave(code);
    CHECK(alice.messages() == transcript{user_left(bob.id())});
    bob.vanish();
  }
  SECTION("disconnects") {
    bob.send("41");
    CHECK(alice.messages() == transcript{user_left(bob.id())});
  }
  CHECK(alice.messages().empty());
  musician again = s.comes_back(bob);
  CHECK(again.id() != bob.id());
  CHECK(again.messages().empty());
}

TEST_CASE("a seat ends when its grace is over, and its owner gets session:ended") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.vanish();
  alice.messages();
  CHECK(s.app->away_until(session::user_id(bob.id())) == s.line.now() + grace_ms);
  s.line.advance(grace_ms - 1);
  CHECK(alice.messages().empty());
  CHECK(find_room(*s.app, code)->participants.size() == 2);
  s.line.advance(1);
  CHECK(alice.messages() == transcript{user_gone(bob.id(), "expired")});
  CHECK(find_room(*s.app, code)->participants.size() == 1);
  CHECK(s.line.measure("seats_expired_total") == 1);

  musician again = s.comes_back(bob);
  CHECK(again.id() != bob.id());
  CHECK(again.pid() != bob.pid());
  CHECK(again.messages() == transcript{ended("expired")});
}

TEST_CASE("a return in the millisecond before the end is in time") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  bob.vanish();
  s.line.advance(grace_ms - 1);
  musician again = s.comes_back(bob);
  CHECK(again.id() == bob.id());
  again.messages();
  s.line.advance(grace_ms);
  again.messages();
  CHECK(find_room(*s.app, code)->participants.size() == 2);
}

TEST_CASE("a room of nobody but away members lives and can be joined") {
  seats_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  alice.vanish();
  s.line.advance(20'000);
  REQUIRE(session_count(*s.app) == 1);

  musician bob(s.line);
  bob.join(code, "Bob");
  CHECK(bob.messages() ==
        transcript{joined_with(code, {person(bob.id(), "Bob")}, bob.id(), bob.id(),
                               R"(,"hostActing":true,"away":[)" +
                                   away_person(alice.id(), "Alice", grace_ms - 20'000) + ']')});
  musician again = s.comes_back(alice);
  CHECK(again.messages() ==
        transcript{joined_with(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")},
                               alice.id(), alice.id(), R"(,"resumed":true)"),
                   host_changed(alice.id())});
  CHECK(bob.messages() ==
        transcript{user_back(person(alice.id(), "Alice"), ""), host_changed(alice.id())});

  again.vanish();
  bob.vanish();
  s.line.advance(grace_ms);
  CHECK(session_count(*s.app) == 0);
  CHECK(s.line.measure("participants_away") == 0);
}

TEST_CASE("the host is the first of those present, acting while an earlier one is away") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  musician carol(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  carol.join(code, "Carol");
  for (auto* who : {&alice, &bob, &carol}) who->messages();

  alice.vanish();
  CHECK(carol.messages() == transcript{user_away(alice.id(), grace_ms), acting_host(bob.id())});
  bob.vanish();
  CHECK(carol.messages() == transcript{user_away(bob.id(), grace_ms), acting_host(carol.id())});
  musician bob_again = s.comes_back(bob);
  CHECK(carol.messages() ==
        transcript{user_back(person(bob.id(), "Bob"), ""), acting_host(bob.id())});
  const std::string away =
      R"(,"away":[)" + away_person(alice.id(), "Alice", grace_ms) + R"(],"resumed":true)";
  CHECK(bob_again.messages() ==
        transcript{joined_with(code, {person(bob.id(), "Bob"), person(carol.id(), "Carol")},
                               bob.id(), bob.id(), R"(,"hostActing":true)" + away),
                   acting_host(bob.id())});

  SECTION("the role returns with its owner") {
    musician alice_again = s.comes_back(alice);
    CHECK(carol.messages() ==
          transcript{user_back(person(alice.id(), "Alice"), ""), host_changed(alice.id())});
  }
  SECTION("whose seat ends is host no more") {
    s.line.advance(grace_ms);
    const transcript heard = carol.messages();
    CHECK(heard == transcript{user_gone(alice.id(), "expired"), host_changed(bob.id())});
  }
}

TEST_CASE("a later connection takes the seat over, and the earlier one stays out") {
  const transport_kind by = GENERATE(values(all_transports));
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line, by);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.messages();

  musician again = s.comes_back(bob, by);
  CHECK(again.id() == bob.id());
  CHECK(bob.messages() == transcript{ended("taken_over", code), "41", "<closed>"});
  CHECK(again.messages() ==
        transcript{joined_with(code, {person(alice.id(), "Alice"), person(bob.id(), "Bob")},
                               bob.id(), alice.id(), R"(,"resumed":true)")});
  // The others have seen nothing, neither now nor when the stale connection is really gone.
  s.line.advance(100'000);
  for (const std::string& heard : alice.messages()) CHECK(heard.empty());
  again.messages();
  alice.emit("session:event", R"({"type":"note"})");
  CHECK(again.messages() == transcript{relayed(alice.id(), R"("type":"note")")});
  CHECK(s.line.measure("seats_taken_over_total") == 1);
  CHECK(find_room(*s.app, code)->participants.size() == 2);
}

TEST_CASE("a CONNECT that was delayed on its way takes no seat from a later connection") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  bob.vanish();
  // Its CONNECT is stuck in a network that the client has left.
  socketio_client stuck(s.line);
  s.line.advance(1);
  musician again = s.comes_back(bob);
  alice.messages();
  again.messages();
  stuck.send("40" + pid_auth(bob.pid()));
  CHECK(stuck.messages() == transcript{"<closed>"});
  CHECK(again.messages().empty());
  CHECK(again.is_open());
  CHECK(alice.messages().empty());
}

TEST_CASE("a socket in no session is taken over without a word, and not kept") {
  seats_stage s;
  musician alice(s.line);
  musician again = s.comes_back(alice);
  CHECK(again.id() == alice.id());
  CHECK(again.messages().empty());
  CHECK(alice.messages() == transcript{"41", "<closed>"});
  again.vanish();
  musician third = s.comes_back(alice);
  CHECK(third.id() != alice.id());
  CHECK(third.messages().empty());
}

TEST_CASE("what is no pid is as if it were not there") {
  seats_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  alice.vanish();
  const std::string& pid = alice.pid();
  REQUIRE(pid.size() == 32);
  for (const std::string& auth : std::initializer_list<std::string>{
           R"({"pid":null})", R"({"pid":7})", R"({"pid":["x"]})", R"({"pid":""})",
           pid_auth(pid.substr(0, 16)), pid_auth(std::string(40'000, 'x')),
           pid_auth(pid + pid + pid), R"({"pid":"\ud800aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
           R"({"offset":"1"})", "{}"}) {
    CAPTURE(auth.substr(0, 60));
    musician other(s.line, transport_kind::websocket, auth);
    CHECK(other.id() != alice.id());
    CHECK(other.messages().empty());
  }
  // Of another server, or changed.
  std::string changed = pid;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  for (const std::string& foreign : {std::string(32, 'x'), std::string(22, 'y'), changed}) {
    musician other(s.line, transport_kind::websocket, pid_auth(foreign));
    CHECK(other.id() != alice.id());
    CHECK(other.messages() == transcript{ended("unknown")});
  }
  // The seat is still there for its owner.
  musician again = s.comes_back(alice);
  CHECK(again.id() == alice.id());
  CHECK(find_room(*s.app, code)->participants.size() == 1);
}

TEST_CASE("a pid does nothing in another namespace") {
  seats_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  alice.vanish();
  musician bob(s.line);
  bob.send("40/other," + pid_auth(alice.pid()));
  CHECK(bob.messages() == transcript{R"(44/other,{"message":"Invalid namespace"})"});
  CHECK(s.comes_back(alice).id() == alice.id());
}

TEST_CASE("the pid is nowhere but with its client") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  bob.vanish();
  musician again = s.comes_back(bob);
  again.vanish();
  s.line.advance(grace_ms);
  musician late = s.comes_back(bob);
  for (const std::string& text : alice.messages()) CHECK(text.find(bob.pid()) == text.npos);
  CHECK(s.line.core().snapshot().find(bob.pid()) == std::string::npos);
  for (const notice& line : s.line.reports()) {
    for (const std::string* field :
         {&line.room, &line.user, &line.name, &line.reason, &line.address}) {
      CHECK(field->find(bob.pid()) == std::string::npos);
    }
  }
}

TEST_CASE("the log says who is away, back and gone") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  s.line.reports();
  const auto kinds = [&] {
    std::vector<std::string> all;
    for (const notice& line : s.line.reports()) all.emplace_back(to_string(line.what));
    return all;
  };
  bob.vanish();
  CHECK(kinds() == std::vector<std::string>{"client disconnected", "participant away"});
  musician again = s.comes_back(bob);
  CHECK(kinds() == std::vector<std::string>{"client connected", "participant back"});
  musician third = s.comes_back(bob);
  CHECK(kinds() ==
        std::vector<std::string>{"client disconnected", "seat taken over", "client connected"});
  third.vanish();
  kinds();
  s.line.advance(grace_ms);
  const auto heard = kinds();
  CHECK(std::count(heard.begin(), heard.end(), "seat ended") == 1);
}

TEST_CASE(
    "a lost client in a full session has its place, and a newcomer may take it after a while") {
  options of = with_seats();
  of.session.max_participants = 2;
  seats_stage s(of);
  const std::string elsewhere = "198.51.100.7";
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();

  SECTION("of the same address at once") {
    bob.vanish();
    musician again(s.line);
    again.join(code, "Bob");
    CHECK(alice.messages() == transcript{user_away(bob.id(), grace_ms),
                                         user_gone(bob.id(), "seat_taken"),
                                         user_joined(person(again.id(), "Bob"))});
    CHECK(s.line.measure("seats_given_away_total") == 1);
    musician late = s.comes_back(bob);
    CHECK(late.messages() == transcript{ended("seat_taken")});
  }
  SECTION("of another address after a hold") {
    bob.vanish();
    s.line.set_address(elsewhere);
    musician carol(s.line);
    carol.join(code, "Carol");
    CHECK(carol.messages() == transcript{error("Session is full", "session_full", "session:join")});
    s.line.advance(15'001);
    carol.join(code, "Carol");
    carol.messages();
    const transcript heard = alice.messages();
    CHECK(heard == transcript{user_away(bob.id(), grace_ms), user_gone(bob.id(), "seat_taken"),
                              user_joined(person(carol.id(), "Carol"))});
  }
  SECTION("and nobody takes that of one who is present") {
    musician carol(s.line);
    carol.join(code, "Carol");
    CHECK(carol.messages() == transcript{error("Session is full", "session_full", "session:join")});
  }
}

TEST_CASE("an address keeps no more seats than it may, the longest kept ends first") {
  options of = with_seats();
  of.max_away_seats_by_address = 3;
  of.session.max_participants = 0;
  of.max_joins_per_minute_by_address = 0;
  seats_stage s(of);
  s.line.set_address("198.51.100.7");
  musician elsewhere(s.line);
  const std::string code = elsewhere.create("Elsewhere");
  elsewhere.vanish();
  s.line.set_address("192.0.2.1");
  std::vector<std::string> pids;
  for (int i = 0; i < 100; ++i) {
    musician one(s.line);
    one.join(code, "One");
    pids.push_back(one.pid());
    one.vanish();
  }
  CHECK(s.line.measure("participants_away") == 4);
  CHECK(s.line.limited("away_seats_by_address") == 97);
  musician first(s.line, transport_kind::websocket, pid_auth(pids.front()));
  CHECK(first.messages() == transcript{ended("seat_taken")});
  musician last(s.line, transport_kind::websocket, pid_auth(pids.back()));
  CHECK(last.messages().front().find("resumed") != std::string::npos);
  CHECK(s.comes_back(elsewhere).id() == elsewhere.id());
}

TEST_CASE("a drop resets no rate limit") {
  options of = with_seats();
  of.max_events_per_second = 1;
  seats_stage s(of);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  for (int i = 0; i < 3; ++i) alice.emit("session:event", R"({"type":"t"})");
  alice.messages();
  alice.vanish();
  musician again = s.comes_back(alice);
  again.messages();
  again.emit("session:event", R"({"type":"t"})");
  CHECK(again.last_message().find("rate_limited") != std::string::npos);
}

TEST_CASE("who returns too often is answered later") {
  seats_stage s;
  musician alice(s.line);
  alice.create("Alice");
  std::vector<std::unique_ptr<musician>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(
        std::make_unique<musician>(s.line, transport_kind::websocket, pid_auth(alice.pid())));
  }
  socketio_client next(s.line);
  next.send("40" + pid_auth(alice.pid()));
  next.emit("session:event", R"({"type":"t"})");
  CHECK(next.messages().empty());
  s.line.advance(1'999);
  CHECK(next.messages().empty());
  s.line.advance(1);
  const transcript heard = next.messages();
  REQUIRE(heard.size() == 2);
  CHECK(member_of(heard.front(), "sid") == alice.id());
  CHECK(heard.back().find("resumed") != std::string::npos);
}

TEST_CASE("one drop after another, ten times") {
  const transport_kind by = GENERATE(values(all_transports));
  seats_stage s;
  musician alice(s.line);
  auto bob = std::make_unique<musician>(s.line, by);
  const std::string code = alice.create("Alice");
  bob->join(code, "Bob");
  const std::string id = bob->id();
  alice.messages();
  for (int i = 0; i < 10; ++i) {
    bob->vanish();
    CHECK(alice.messages() == transcript{user_away(id, grace_ms)});
    bob = std::make_unique<musician>(s.line, by, pid_auth(bob->pid()));
    CHECK(bob->id() == id);
    CHECK(alice.messages() == transcript{user_back(person(id, "Bob"), alice.id())});
  }
}

TEST_CASE("an operator ends the seats of those who are away, too") {
  seats_stage s;
  musician alice(s.line);
  musician bob(s.line);
  const std::string code = alice.create("Alice");
  bob.join(code, "Bob");
  alice.messages();
  SECTION("one") {
    bob.vanish();
    alice.messages();
    s.line.operate(R"({"command":"disconnect_participant","participantId":")" + bob.id() + "\"}");
    CHECK(alice.messages() == transcript{user_gone(bob.id(), "kicked")});
  }
  SECTION("one who is present, and comes back") {
    s.line.operate(R"({"command":"disconnect_participant","participantId":")" + bob.id() + "\"}");
    CHECK(alice.messages() == transcript{user_left(bob.id())});
  }
  SECTION("a whole session") {
    bob.vanish();
    s.line.operate(R"({"command":"close_session","roomCode":")" + code + "\"}");
    CHECK(session_count(*s.app) == 0);
  }
  CHECK(s.comes_back(bob).messages() == transcript{ended("kicked")});
}

TEST_CASE("many seats end in slices") {
  options of = with_seats();
  of.session.max_participants = 0;
  of.max_joins_per_minute_by_address = 0;
  of.max_away_seats_by_address = 0;
  of.max_away_seats = 0;
  seats_stage s(of);
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  for (int i = 0; i < 2'500; ++i) {
    musician one(s.line);
    one.create("One");
    one.vanish();
  }
  alice.messages();
  CHECK(s.line.measure("participants_away") == 2'500);
  s.line.oversleep(grace_ms);
  s.line.give(input::deadline_reached{});
  CHECK(s.line.measure("participants_away") == 1'500);
  CHECK(s.line.wait_ms() == 0);
  s.line.give(input::deadline_reached{});
  s.line.give(input::deadline_reached{});
  CHECK(s.line.measure("participants_away") == 0);
}

// With a journal.

TEST_CASE("a drop in the middle of a create: it takes effect, and the creator comes back to it") {
  seats_stage s(journaled());
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  alice.vanish();
  socketio_client again(s.line);
  again.send("40" + pid_auth(alice.pid()));
  // Its command is not known to be written yet.
  CHECK(again.messages().empty());
  s.line.answer_appends();
  const transcript heard = again.messages();
  REQUIRE(heard.size() >= 2);
  CHECK(member_of(heard.front(), "sid") == alice.id());
  CHECK(heard[1].find("resumed") != std::string::npos);
  s.line.answer_appends();
  CHECK(session_count(*s.app) == 1);
  CHECK(s.app->queues().empty());
}

TEST_CASE("a drop in the middle of a create that fails leaves nothing") {
  seats_stage s(journaled());
  s.line.journal().set_faults({0, true});
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  alice.vanish();
  socketio_client again(s.line);
  again.send("40" + pid_auth(alice.pid()));
  s.line.answer_appends();
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 1);
  CHECK(member_of(heard.front(), "sid") != alice.id());
  CHECK(session_count(*s.app) == 0);
  CHECK(s.line.measure("participants_away") == 0);
}

TEST_CASE("who waits too long for the journal is closed, and comes back into what is true") {
  seats_stage s(journaled());
  s.line.journal().set_faults({7'000});
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  s.line.advance(5'000);
  CHECK(alice.messages() == transcript{"<closed>"});
  socketio_client again(s.line);
  again.send("40" + pid_auth(alice.pid()));
  CHECK(again.messages().empty());
  s.line.advance(2'000);
  s.line.answer_appends();
  const transcript heard = again.messages();
  REQUIRE(!heard.empty());
  CHECK(member_of(heard.front(), "sid") == alice.id());
}

TEST_CASE("a CONNECT that cannot be answered is closed after a while, without a DISCONNECT") {
  seats_stage s(journaled());
  s.line.journal().set_faults({20'000});
  musician alice(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  alice.vanish();
  socketio_client again(s.line);
  again.send("40" + pid_auth(alice.pid()));
  s.line.advance(4'999);
  CHECK(again.messages().empty());
  s.line.advance(1);
  CHECK(again.messages() == transcript{"<closed>"});
}

TEST_CASE("lost, back and gone are in the journal") {
  seats_stage s(journaled());
  musician alice(s.line);
  musician bob(s.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  s.line.answer_appends();
  const std::string code = member_of(alice.last_message(), "roomCode");
  bob.join(code, "Bob");
  s.line.answer_appends();
  alice.messages();
  // What takes away is never refused, whatever the journal does.
  s.line.journal().set_faults({0, true});
  bob.vanish();
  CHECK(alice.messages() == transcript{user_away(bob.id(), grace_ms)});
  s.line.answer_appends();
  s.line.journal().set_faults({});
  musician again = s.comes_back(bob);
  CHECK(alice.messages() == transcript{user_back(person(bob.id(), "Bob"), alice.id())});
  again.vanish();
  s.line.advance(grace_ms);
  alice.messages();
  for (int i = 0; i < 3; ++i) s.line.answer_appends();
  const auto* const log = s.line.journal().log_of(code);
  REQUIRE(log != nullptr);
  std::vector<std::size_t> kinds;
  for (const session::any_event& event : *log) kinds.push_back(event.index());
  const auto index = [](session::any_event event) { return event.index(); };
  CHECK(kinds ==
        std::vector<std::size_t>{index(session::event::created{}), index(session::event::joined{}),
                                 index(session::event::lost{}), index(session::event::back{}),
                                 index(session::event::lost{}), index(session::event::gone{})});
  CHECK(s.app->queues().empty());
}

TEST_CASE("after a restart everybody is away with a full grace, and comes back") {
  memory_journal kept;
  std::string code;
  std::string alice_pid;
  std::string bob_pid;
  std::string alice_id;
  {
    seats_stage s(journaled());
    musician alice(s.line);
    musician bob(s.line);
    alice.emit("session:create", R"({"name":"Alice"})");
    s.line.answer_appends();
    code = member_of(alice.last_message(), "roomCode");
    bob.join(code, "Bob");
    s.line.answer_appends();
    bob.vanish();
    s.line.answer_appends();
    alice_pid = alice.pid();
    alice_id = alice.id();
    bob_pid = bob.pid();
    kept = s.line.journal();
  }
  REQUIRE(kept.rooms().size() == 1);
  wire line(make_engine(journaled()));
  line.restore(kept);
  // The first of the new numbers must not be mistaken for theirs.
  musician carol(line);
  line.answer_appends();
  musician alice(line, transport_kind::websocket, pid_auth(alice_pid));
  CHECK(alice.id() == alice_id);
  const std::string heard = alice.last_message();
  CHECK(heard.find("resumed") != std::string::npos);
  CHECK(heard.find("\"graceMs\":" + std::to_string(grace_ms)) != std::string::npos);
  line.advance(grace_ms);
  CHECK(alice.last_message().find("session:user-gone") != std::string::npos);
  musician bob(line, transport_kind::websocket, pid_auth(bob_pid));
  CHECK(bob.messages() == transcript{ended("expired")});
}

}  // namespace
}  // namespace downbeat::jam::test
