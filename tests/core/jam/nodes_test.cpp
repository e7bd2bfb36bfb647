#include "core/jam/jam_story.hpp"
#include "jam/application.hpp"
#include "support/node_stage.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// Several nodes: whoever is at another one hears the same as if all were at one server.
namespace downbeat::jam::test {
namespace {

using downbeat::test::node_stage;

options with_seats(std::int64_t grace_s = 30) {
  options of;
  of.reconnect_grace_s = grace_s;
  // Nobody answers pings here for hours.
  of.engineio.ping_interval_ms = 100'000'000;
  return of;
}

std::string with_node(std::string_view node, std::string who) {
  who.pop_back();
  return who.append(R"(,"node":")").append(node).append("\"}");
}

/// Two nodes, with Alice at a, who has created a session, and Bob at b, who has joined it.
struct duo : node_stage {
  explicit duo(const options& how = with_seats()) : node_stage(how) {
    code = create(alice, "Alice");
    join(bob, "Bob");
    alice.messages();
    bob.messages();
  }

  std::string create(musician& who, std::string_view name) {
    who.emit("session:create", "{\"name\":\"" + std::string(name) + "\"}");
    settle();
    return member_of(who.last_message(), "roomCode");
  }
  void join(musician& who, std::string_view name) {
    who.join(code, name);
    settle();
  }
  /// The node's picture of the session.
  static auto room_at(const node& one, const std::string& code) {
    return find_room(*one.apps.front(), code);
  }

  node& a = start(11, "a");
  node& b = start(22, "b");
  musician alice{a.line};
  musician bob{b.line};
  std::string code;
};

TEST_CASE("who joins at another node is in the same session", "[nodes]") {
  duo s;
  musician carol(s.b.line);
  s.join(carol, "Carol");
  const std::string carol_at_b = with_node("b", person(carol.id(), "Carol"));
  CHECK(s.alice.messages() == transcript{user_joined(carol_at_b)});
  CHECK(s.bob.messages() == transcript{user_joined(carol_at_b)});
  CHECK(carol.messages() ==
        transcript{joined(s.code,
                          {with_node("a", person(s.alice.id(), "Alice")),
                           with_node("b", person(s.bob.id(), "Bob")), carol_at_b},
                          carol.id(), s.alice.id())});
}

TEST_CASE("updates, leaves and the next host are the same at every node", "[nodes]") {
  duo s;
  s.bob.emit("session:update", R"({"name":"Bo"})");
  s.settle();
  CHECK(s.alice.messages() == transcript{user_updated(with_node("b", person(s.bob.id(), "Bo")))});
  CHECK(s.bob.messages().empty());
  s.alice.leave(s.code);
  s.settle();
  CHECK(s.bob.messages() == transcript{user_left(s.alice.id()), host_changed(s.bob.id())});
  s.bob.leave(s.code);
  s.settle();
  CHECK(s.redis.codes().empty());
  CHECK_FALSE(duo::room_at(s.a, s.code));
}

TEST_CASE("notes reach the others at other nodes in order, with their attachments", "[nodes]") {
  duo s;
  s.alice.emit("session:event", R"({"type":"a"})");
  s.alice.send(R"(451-["session:event",{"type":"b","data":{"_placeholder":true,"num":0}}])",
               {"\x01\xff"});
  s.alice.emit("session:event", R"({"type":"c"})");
  s.settle();
  const transcript heard = s.bob.messages();
  REQUIRE(heard.size() == 4);
  CHECK(heard[0] == relayed(s.alice.id(), R"("type":"a")"));
  CHECK(heard[1] == R"(451-["session:event",{"userId":")" + s.alice.id() +
                        R"(","type":"b","data":{"_placeholder":true,"num":0}}])");
  CHECK(heard[2] == "<binary 01ff>");
  CHECK(heard[3] == relayed(s.alice.id(), R"("type":"c")"));
}

TEST_CASE("a note that is ahead of the join of its sender waits for it", "[nodes]") {
  duo s;
  s.b.of.link().loses_published = true;
  musician carol(s.a.line);
  s.join(carol, "Carol");
  carol.emit("session:event", R"({"type":"note"})");
  s.settle();
  CHECK(s.bob.messages().empty());
  s.b.of.link().loses_published = false;
  // Within two seconds the node finds out what it has missed.
  carol.emit("session:update", R"({"name":"Caro"})");
  s.settle();
  const transcript heard = s.bob.messages();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0] == user_joined(with_node("a", person(carol.id(), "Carol"))));
  CHECK(heard[1] == relayed(carol.id(), R"("type":"note")"));
}

TEST_CASE("the session lives if the last one leaves at one node while somebody joins at another",
          "[nodes]") {
  duo s;
  s.bob.leave(s.code);
  s.settle();
  s.alice.messages();
  musician carol(s.b.line);
  const bool is_leave_first = GENERATE(false, true);
  s.is_held = true;
  s.alice.leave(s.code);
  carol.join(s.code, "Carol");
  auto& first = is_leave_first ? s.a : s.b;
  first.of.append_some(1);
  s.is_held = false;
  s.settle();
  if (is_leave_first) {
    CHECK(carol.messages() ==
          transcript{error("Session not found", "session_not_found", "session:join")});
    CHECK(s.redis.codes().empty());
  } else {
    CHECK(duo::room_at(s.a, s.code)->host == carol.id());
    CHECK(duo::room_at(s.b, s.code)->participants.size() == 1);
  }
}

TEST_CASE("of a leave and a join at once, all members get the one first that Redis has first",
          "[nodes]") {
  duo s;
  musician dave(s.a.line);
  s.join(dave, "Dave");
  musician carol(s.b.line);
  const bool is_leave_first = GENERATE(false, true);
  const bool is_lost = GENERATE(false, true);
  s.alice.messages();
  s.bob.messages();
  s.is_held = true;
  is_lost ? dave.vanish() : dave.leave(s.code);
  carol.join(s.code, "Carol");
  auto& first = is_leave_first ? s.a : s.b;
  first.of.append_some(1);
  s.is_held = false;
  s.settle();
  const std::string gone = is_lost ? user_away(dave.id(), 30'000) : user_left(dave.id());
  const std::string come = user_joined(with_node("b", person(carol.id(), "Carol")));
  const transcript expected = is_leave_first ? transcript{gone, come} : transcript{come, gone};
  CHECK(s.alice.messages() == expected);
  CHECK(s.bob.messages() == expected);
}

TEST_CASE("every node sends the next host in the same order", "[nodes]") {
  duo s;
  musician carol(s.a.line);
  s.join(carol, "Carol");
  musician dave(s.b.line);
  s.bob.messages();
  carol.messages();
  s.is_held = true;
  s.alice.leave(s.code);
  dave.join(s.code, "Dave");
  s.b.of.append_some(1);
  s.is_held = false;
  s.settle();
  const transcript expected{user_joined(with_node("b", person(dave.id(), "Dave"))),
                            user_left(s.alice.id()), host_changed(s.bob.id())};
  CHECK(carol.messages() == expected);
  CHECK(s.bob.messages() == expected);
}

TEST_CASE("who comes back gets nothing that its list has already", "[nodes]") {
  duo s;
  musician carol(s.a.line);
  s.join(carol, "Carol");
  musician dave(s.b.line);
  s.join(dave, "Dave");
  const std::string pid = carol.pid();
  s.is_held = true;
  s.alice.leave(s.code);
  carol.vanish();
  musician again(s.a.line, transport_kind::websocket, pid_auth(pid));
  const transcript heard = again.messages();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back().find(s.alice.id()) == std::string::npos);
  s.is_held = false;
  s.settle();
  CHECK(again.messages().empty());
}

TEST_CASE("a client comes back at another node, and the others get nothing", "[nodes]") {
  duo s;
  musician again(s.a.line, transport_kind::websocket, pid_auth(s.bob.pid()));
  s.settle();
  CHECK(again.id() == s.bob.id());
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.messages() == transcript{ended("taken_over", s.code), "41", "<closed>"});
  CHECK(duo::room_at(s.a, s.code)->participants.size() == 2);
  CHECK(duo::room_at(s.b, s.code)->participants.size() == 2);
}

TEST_CASE("who is lost while its join is on the way finds its seat at another node", "[nodes]") {
  duo s;
  musician carol(s.a.line);
  const std::string id = carol.id();
  const std::string pid = carol.pid();
  s.is_held = true;
  carol.join(s.code, "Carol");
  carol.vanish();
  socketio_client again(s.b.line, transport_kind::websocket);
  again.send("40" + pid_auth(pid));
  CHECK(again.messages().empty());
  s.is_held = false;
  s.advance(50);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].starts_with(R"(40{"sid":")" + id + '"'));
  CHECK(heard[1].find(R"("resumed":true)") != std::string::npos);
  CHECK(duo::room_at(s.a, s.code)->participants.size() == 3);
}

TEST_CASE("who shows a secret that no node knows waits for a moment only", "[nodes]") {
  duo s;
  musician carol(s.a.line);
  const std::string pid = carol.pid();
  const std::string id = carol.id();
  carol.vanish();
  socketio_client again(s.b.line, transport_kind::websocket);
  again.send("40" + pid_auth(pid));
  s.settle();
  CHECK(again.messages().empty());
  s.advance(200);
  const transcript heard = again.messages();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard[0].starts_with(R"(40{"sid":")"));
  CHECK_FALSE(heard[0].starts_with(R"(40{"sid":")" + id + '"'));
}

TEST_CASE("the members of a killed node come back at another one", "[nodes]") {
  duo s;
  const std::string bob_id = s.bob.id();
  const std::string pid = s.bob.pid();
  s.kill(s.b);
  musician again(s.a.line, transport_kind::websocket, pid_auth(pid));
  s.settle();
  CHECK(again.id() == bob_id);
  CHECK(s.alice.messages().empty());
  CHECK(again.last_message().find(R"("resumed":true)") != std::string::npos);
}

TEST_CASE("the members of a dead node are away, and then gone", "[nodes]") {
  duo s;
  s.kill(s.b);
  s.advance(2 * node_stage::lease_ms);
  CHECK(s.alice.messages() == transcript{user_away(s.bob.id(), 30'000)});
  s.advance(31'000);
  CHECK(s.alice.messages() == transcript{user_gone(s.bob.id(), "expired")});
  CHECK(duo::room_at(s.a, s.code)->participants.size() == 1);
}

TEST_CASE("the members of a node that stops are away at once", "[nodes]") {
  duo s;
  s.stop(s.b);
  s.advance(3'000);
  CHECK(s.alice.messages() == transcript{user_away(s.bob.id(), 30'000)});
}

TEST_CASE("the members of a node that slept for too long are back when it wakes", "[nodes]") {
  duo s;
  s.sleep(s.b, 2 * node_stage::lease_ms);
  s.advance(3'000);
  CHECK(s.alice.messages() ==
        transcript{user_away(s.bob.id(), 30'000),
                   user_back(with_node("b", person(s.bob.id(), "Bob")), s.alice.id())});
  CHECK(s.bob.is_open());
  CHECK(duo::room_at(s.b, s.code)->participants.size() == 2);
}

TEST_CASE("without Redis what is there goes on, and nothing new begins", "[nodes]") {
  duo s;
  s.redis.stop();
  s.settle();
  musician carol(s.b.line);
  s.join(carol, "Carol");
  CHECK(carol.messages() == transcript{error("This could not be saved, please try again",
                                             "try_again", "session:join")});
  s.alice.emit("session:event", R"({"type":"note"})");
  s.settle();
  CHECK(s.bob.messages() == transcript{relayed(s.alice.id(), R"("type":"note")")});
  s.advance(5 * node_stage::lease_ms);
  s.bob.leave(s.code);
  s.settle();
  CHECK(s.alice.messages().empty());
  s.redis.start();
  s.advance(5 * node_stage::lease_ms);
  CHECK(s.alice.messages() == transcript{user_left(s.bob.id())});
  s.join(carol, "Carol");
  CHECK(duo::room_at(s.a, s.code)->participants.size() == 2);
}

TEST_CASE("nobody notices that Redis has lost its last writes, or everything", "[nodes]") {
  duo s;
  const bool is_emptied = GENERATE(false, true);
  is_emptied ? s.redis.empty(true) : s.redis.fail_over(1);
  s.advance(5 * node_stage::lease_ms);
  CHECK(s.alice.messages().empty());
  CHECK(s.bob.messages().empty());
  CHECK(s.redis.codes() == std::vector<std::string>{s.code});
  musician carol(s.b.line);
  s.join(carol, "Carol");
  CHECK(duo::room_at(s.a, s.code)->participants.size() == 3);
}

TEST_CASE("of two who want the last place at two nodes at once, one gets it", "[nodes]") {
  options how = with_seats();
  how.session.max_participants = 3;
  duo s(how);
  musician carol(s.a.line);
  musician dave(s.b.line);
  s.is_held = true;
  carol.join(s.code, "Carol");
  dave.join(s.code, "Dave");
  s.is_held = false;
  s.settle();
  CHECK(duo::room_at(s.b, s.code)->participants.size() == 3);
  CHECK(carol.last_message().find("session:joined") != std::string::npos);
  CHECK(dave.last_message() == error("Session is full", "session_full", "session:join"));
}

TEST_CASE("an operator removes those who are connected to another node", "[nodes]") {
  duo s;
  const bool is_whole_session = GENERATE(false, true);
  const std::string command =
      is_whole_session
          ? R"({"command":"close_session","roomCode":")" + s.code + "\"}"
          : R"({"command":"disconnect_participant","participantId":")" + s.bob.id() + "\"}";
  const std::string answer = s.a.line.operate(command);
  CHECK(answer.find(R"("ok":true)") != std::string::npos);
  s.settle();
  CHECK(s.bob.messages() == transcript{ended("kicked", s.code), "41", "<closed>"});
  CHECK(s.redis.codes().empty() == is_whole_session);
}

/// The same with another session, of Carol at b. What goes between the nodes waits.
struct two_sessions : duo {
  two_sessions() {
    other = create(carol, "Carol");
    carol.messages();
    is_held = true;
  }
  void release() {
    is_held = false;
    settle();
  }

  musician carol{b.line};
  std::string other;
};

TEST_CASE("who has left by the later of two connections has left wholly", "[nodes]") {
  two_sessions s;
  s.bob.join(s.other, "Bob");
  musician again(s.a.line, transport_kind::websocket, pid_auth(s.bob.pid()));
  again.messages();
  again.send(R"(427["session:leave",{"roomCode":")" + s.code + "\"}]");
  s.b.of.append_some(1);
  s.release();
  CHECK(again.messages() == transcript{R"(437[{"ok":true}])"});
  CHECK(again.is_open());
  CHECK(s.bob.last_message() == "<closed>");
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.code)->participants.size() == 1);
    CHECK(duo::room_at(*one, s.other)->participants.size() == 1);
  }
}

TEST_CASE("an update does not bring its client out of the session that it is in by now",
          "[nodes]") {
  two_sessions s;
  musician dave(s.a.line);
  s.release();
  s.join(dave, "Dave");
  s.is_held = true;
  dave.join(s.other, "Dave");
  musician again(s.b.line, transport_kind::websocket, pid_auth(dave.pid()));
  s.b.of.append_some(1);
  again.emit("session:update", R"({"name":"Dav"})");
  while (s.b.of.update_one(0)) {
  }
  // An older command of it is carried out at the node where it was.
  s.a.of.append_some(1);
  while (s.b.of.receive_one()) {
  }
  while (s.b.of.update_one(0)) {
  }
  again.messages();
  s.b.of.append_some(1);
  s.release();
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.code)->participants.size() == 2);
    CHECK(duo::room_at(*one, s.other)->participants.size() == 2);
  }
  CHECK(again.is_open());
}

TEST_CASE("a join that takes effect after its client has come back keeps it there", "[nodes]") {
  two_sessions s;
  s.bob.join(s.other, "Bob");
  // It is at the other node for a moment.
  musician there(s.a.line, transport_kind::websocket, pid_auth(s.bob.pid()));
  s.a.of.append_some(1);
  while (s.b.of.receive_one() || s.b.of.update_one(0)) {
  }
  CHECK_FALSE(s.bob.is_open());
  there.vanish();
  musician again(s.b.line, transport_kind::websocket, pid_auth(there.pid()));
  s.b.of.append_some(1);
  while (s.b.of.update_one(0)) {
  }
  s.release();
  CHECK(again.is_open());
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.code)->participants.size() == 1);
    CHECK(duo::room_at(*one, s.other)->participants.size() == 2);
  }
}

/// Carries on all that a node has to write, though what goes between the nodes waits.
void write_at(node_stage::node& one) {
  while (one.of.append_some(1) || one.of.update_one(0)) {
  }
}

/// A node follows all that has been written.
void follow_at(node_stage::node& one) {
  while (one.of.receive_one() || one.of.update_one(0)) {
  }
}

TEST_CASE("a join that takes effect after its client has come back and left is undone", "[nodes]") {
  two_sessions s;
  s.bob.join(s.other, "Bob");
  musician again(s.a.line, transport_kind::websocket, pid_auth(s.bob.pid()));
  again.messages();
  again.send(R"(427["session:leave",{"roomCode":")" + s.code + "\"}]");
  write_at(s.a);
  CHECK(again.messages() == transcript{R"(437[{"ok":true}])"});
  write_at(s.b);
  s.release();
  CHECK(again.messages().empty());
  CHECK(again.is_open());
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.code)->participants.size() == 1);
    CHECK(duo::room_at(*one, s.other)->participants.size() == 1);
  }
}

struct while_creating : two_sessions {
  while_creating() { bob.emit("session:create", R"({"name":"Bob"})"); }
};

/// Bob comes to a before b has written what he creates.
struct hop_while_creating : while_creating {
  hop_while_creating() {
    write_at(a);
    follow_at(b);
  }
  musician there{a.line, transport_kind::websocket, pid_auth(bob.pid())};
};

TEST_CASE("an entry of an earlier connection does not end what a later one has entered",
          "[nodes]") {
  hop_while_creating s;
  CHECK_FALSE(s.bob.is_open());
  s.there.join("NOBODY-22", "Bob");
  s.a.line.advance(1'000);
  s.there.join(s.other, "Bob");
  write_at(s.a);
  follow_at(s.b);
  musician again(s.b.line, transport_kind::websocket, pid_auth(s.there.pid()));
  again.messages();
  write_at(s.b);
  s.release();
  CHECK(again.messages().empty());
  CHECK(again.is_open());
  CHECK(s.redis.codes().size() == 2);
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.other)->participants.size() == 2);
  }
}

TEST_CASE("a command of an earlier connection comes after the leave that was acknowledged later",
          "[nodes]") {
  hop_while_creating s;
  s.there.vanish();
  musician again(s.b.line, transport_kind::websocket, pid_auth(s.there.pid()));
  again.messages();
  again.send(R"(427["session:leave",{"roomCode":")" + s.code + "\"}]");
  CHECK(again.messages().empty());
  write_at(s.b);
  const transcript heard = again.messages();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] == R"(437[{"ok":true}])");
  CHECK(heard[1].find("session:created") != std::string::npos);
  s.release();
  CHECK(again.is_open());
}

TEST_CASE("who is first back after a restart gets the others as away", "[nodes]") {
  node_stage s(with_seats());
  node_stage::node& a = s.start(11, "a");
  musician alice(a.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  s.settle();
  const std::string code = member_of(alice.last_message(), "roomCode");
  musician bob(a.line);
  bob.join(code, "Bob");
  s.settle();
  s.stop(a);
  node_stage::node& next = s.start(22, "a");
  musician again(next.line, transport_kind::websocket, pid_auth(alice.pid()));
  s.settle();
  const transcript heard = again.messages();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard[0].find(R"("away":[{"id":")" + bob.id()) != std::string::npos);
  CHECK(heard.size() == 1);
}

TEST_CASE("what a node that stops has decided behind a refused join changes nothing", "[nodes]") {
  duo s;
  musician carol(s.a.line);
  musician dave(s.b.line);
  s.bob.leave(s.code);
  s.settle();
  s.is_held = true;
  carol.join(s.code, "Carol");
  s.alice.leave(s.code);
  dave.join(s.code, "Dave");
  s.b.of.append_some(1);
  s.is_held = false;
  s.stop(s.a);
  s.advance(3'000);
  CHECK(duo::room_at(s.b, s.code)->host == dave.id());
  for (const std::string& message : dave.messages()) {
    CHECK(message.find(carol.id()) == std::string::npos);
  }
}

TEST_CASE("who joins where nobody is known to be present is the host for those who are",
          "[nodes]") {
  duo s;
  s.bob.leave(s.code);
  s.settle();
  musician dave(s.b.line);
  // Alice is away for the others, and back, which they do not know yet.
  const std::string pid = s.alice.pid();
  s.alice.vanish();
  s.settle();
  s.is_held = true;
  musician again(s.a.line, transport_kind::websocket, pid_auth(pid));
  again.messages();
  dave.join(s.code, "Dave");
  s.b.of.append_some(1);
  s.is_held = false;
  s.settle();
  CHECK(duo::room_at(s.a, s.code)->host == duo::room_at(s.b, s.code)->host);
  const transcript heard = again.messages();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == host_changed(s.alice.id()));
}

TEST_CASE("of those who join and end meanwhile, the host is the same here and in Redis",
          "[nodes]") {
  duo s(with_seats(5));
  musician carol(s.b.line);
  s.alice.vanish();
  s.advance(2'000);
  s.bob.vanish();
  s.advance(2'000);
  // Nobody is present: Alice is the next host, and her seat ends while Carol joins.
  s.is_held = true;
  carol.join(s.code, "Carol");
  s.a.line.advance(2'000);
  s.is_held = false;
  s.settle();
  for (const node_stage::node* const one : {&s.a, &s.b}) {
    CHECK(duo::room_at(*one, s.code)->host == carol.id());
  }
}

TEST_CASE("whose join is in Redis, but was refused here, is not there for long", "[nodes]") {
  node_stage s(with_seats(0), 2);
  node_stage::node& a = s.start(11, "a");
  node_stage::node& b = s.start(22, "b");
  a.line.connect_next_to(1);
  musician alice(a.line);
  alice.emit("session:create", R"({"name":"Alice"})");
  s.settle();
  const std::string code = member_of(alice.last_message(), "roomCode");
  b.line.connect_next_to(0);
  musician carol(b.line);
  carol.join(code, "Carol");
  b.of.link().answers_left = 0;
  b.of.append_some(1);
  b.of.link().is_cut = true;
  // Meanwhile so much is appended that all node b gets of the session is a snapshot.
  s.redis.most_entries = 2;
  for (int i = 0; i < 20; ++i) {
    alice.emit("session:update", "{\"name\":\"Alice " + std::to_string(i) + "\"}");
    s.settle();
  }
  s.advance(1'000);
  b.of.link().is_cut = false;
  s.advance(1'000);
  CHECK(member_of(carol.last_message(), "code") == "try_again");
  CHECK(find_room(*b.apps.back(), code)->participants.size() == 2);
  s.advance(10'000);
  CHECK(find_room(*b.apps.back(), code)->participants.size() == 1);
}

TEST_CASE("without seats the members of a dead node have left", "[nodes]") {
  duo s(with_seats(0));
  s.kill(s.b);
  s.advance(2 * node_stage::lease_ms);
  CHECK(s.alice.messages() == transcript{user_left(s.bob.id())});
}

}  // namespace
}  // namespace downbeat::jam::test
