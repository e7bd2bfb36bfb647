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

TEST_CASE("without seats the members of a dead node have left", "[nodes]") {
  duo s(with_seats(0));
  s.kill(s.b);
  s.advance(2 * node_stage::lease_ms);
  CHECK(s.alice.messages() == transcript{user_left(s.bob.id())});
}

}  // namespace
}  // namespace downbeat::jam::test
