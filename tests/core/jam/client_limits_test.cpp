#include "core/jam/jam_story.hpp"
#include "session/canonical_code.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

// Limits are a client's, for as long as its connection lives: leaving a namespace and coming back
// does not set them back.

namespace downbeat::jam::test {
namespace {

/// Leaves the namespace and comes back, on the same connection.
void come_back(musician& who) {
  who.send("41");
  who.connect();
}

/// A minute passes, in which it answers pings.
void rest(jam_stage& s, musician& who) {
  for (int i = 0; i != 4; ++i) {
    s.line.advance(15'000);
    who.messages();
  }
}

bool is_limited(musician& who) {
  const transcript all = who.messages();
  return std::any_of(all.begin(), all.end(), [](const std::string& text) {
    return text.find("\"rate_limited\"") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("events are counted over all sockets of a connection") {
  const transport_kind by = GENERATE(values(all_transports));
  options o;
  o.max_events_per_second = 2;
  jam_stage s(o);
  musician alice(s.line, by);
  musician bob(s.line);
  const std::string code = bob.create("Bob");
  alice.join(code, "Alice");
  for (int i = 0; i != 6; ++i) alice.emit("session:event", R"({"type":"a"})");
  CHECK_FALSE(is_limited(alice));
  come_back(alice);
  alice.join(code, "Alice");
  alice.emit("session:event", R"({"type":"a"})");
  CHECK(is_limited(alice));
}

TEST_CASE("joins and failed joins are counted over all sockets of a connection") {
  options o;
  o.max_joins_per_minute = 3;
  o.max_failed_joins_per_minute = 2;
  jam_stage s(o);
  musician alice(s.line);
  for (int i = 0; i != 3; ++i) alice.create("Alice");
  come_back(alice);
  alice.create("Alice");
  CHECK(s.line.limited("joins_per_minute") == 1);

  rest(s, alice);
  for (int i = 0; i != 2; ++i) alice.join("MUSIC-42", "Alice");
  come_back(alice);
  alice.messages();
  alice.join("MUSIC-42", "Alice");
  CHECK(s.line.limited("failed_joins_per_minute") == 1);
}

TEST_CASE("limits move with a client to another shard, and stay with it when it comes back") {
  options o;
  o.max_events_per_second = 2;
  jam_stage s(o, 2);
  s.line.connect_next_to(0);
  musician host(s.line);
  const std::string code = host.create("Host");
  s.line.connect_next_to(1);
  musician alice(s.line);
  alice.create("Alice");
  for (int i = 0; i != 6; ++i) alice.emit("session:event", R"({"type":"a"})");
  CHECK_FALSE(is_limited(alice));
  alice.join(code, "Alice");
  CHECK(s.line.measure("connections_moved_total") == 1);
  alice.emit("session:event", R"({"type":"a"})");
  CHECK(is_limited(alice));
  come_back(alice);
  alice.join(code, "Alice");
  alice.emit("session:event", R"({"type":"a"})");
  CHECK(is_limited(alice));
}

TEST_CASE("a room code is drawn anew for each socket of a connection") {
  jam_stage s({}, 1);
  musician alice(s.line);
  const std::string first = alice.create("Alice");
  come_back(alice);
  CHECK(alice.create("Alice") != first);
}

TEST_CASE("a client that connects to namespaces too often is disconnected") {
  const transport_kind by = GENERATE(values(all_transports));
  options o;
  o.socketio.max_connects_per_minute = 5;
  jam_stage s(o);
  musician alice(s.line, by);
  musician bob(s.line);
  for (int i = 0; i != 4; ++i) come_back(alice);
  CHECK(alice.is_open());
  alice.send("41");
  s.line.reports();
  SECTION("to one that it was in before") {
    alice.send("40");
  }
  SECTION("to one that there is not") {
    alice.send("40/nowhere,");
  }
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.limited("namespace_connects_per_minute") == 1);
  CHECK(s.line.reports().at(0).reason == "too many CONNECT packets");
  CHECK(bob.is_open());
}

TEST_CASE("connects are forgiven with time, and a limit of 0 counts none") {
  options o;
  o.socketio.max_connects_per_minute = GENERATE(5, 0);
  jam_stage s(o, 1);
  musician alice(s.line);
  for (int i = 0; i != 30; ++i) {
    if (o.socketio.max_connects_per_minute != 0) s.line.advance(12'000);
    come_back(alice);
  }
  CHECK(alice.is_open());
}

TEST_CASE("a lower limit of connects counts from now on") {
  jam_stage s({}, 1);
  musician alice(s.line);
  s.line.give(input::options_changed{R"({"maxNamespaceConnectsPerMinute":1})"});
  alice.send("41");
  alice.send("40");
  CHECK_FALSE(alice.is_open());
}

TEST_CASE("one client fills no log, and what is left out is counted") {
  jam_stage s({}, 1);
  musician alice(s.line);
  SECTION("by what cannot be read") {
    for (int i = 0; i != 500; ++i) alice.emit("session:create", "1");
  }
  SECTION("by changing its name") {
    alice.create("Alice");
    for (int i = 0; i != 500; ++i) alice.emit("session:update", R"({"name":"A"})");
  }
  CHECK(s.line.reports().size() < 40);
  CHECK(s.line.measure("notices_left_out_total") == 470);
  rest(s, alice);
  alice.emit("session:create", "1");
  CHECK(s.line.reports().size() == 1);
}

TEST_CASE("one client fills no log by leaving its namespace and coming back") {
  jam_stage s({}, 1);
  musician alice(s.line);
  for (int i = 0; i != 500; ++i) {
    alice.send("41");
    alice.send("40");
  }
  CHECK_FALSE(alice.is_open());
  CHECK(s.line.reports().size() == 21);
}

TEST_CASE("the limits of POSTs are the jam's, and may be changed") {
  options o;
  o.engineio.max_messages_per_second = 10;
  jam_stage s(o, 1);
  musician alice(s.line, transport_kind::polling);
  s.line.advance(1'000);
  alice.create("Alice");
  s.line.advance(1'000);
  const std::string query = "EIO=4&transport=polling&sid=" + alice.sid();
  const auto slow = s.line.post(query,
                                "3\x1e"
                                "3");
  CHECK(s.line.response(slow) == "<pending>");
  s.line.give(input::options_changed{R"({"maxMessagesPerSecond":0})"});
  s.line.advance(100);
  CHECK(s.line.response(slow) == "200 ok");
  CHECK(s.line.response(s.line.post(query,
                                    "3\x1e"
                                    "3\x1e"
                                    "3")) == "200 ok");
}

TEST_CASE("what waits of a POST moves with its client, and keeps its order") {
  options o;
  o.engineio.max_messages_per_second = 10;
  jam_stage s(o, 2);
  s.line.connect_next_to(0);
  musician host(s.line);
  const std::string code = host.create("Host");
  s.line.connect_next_to(1);
  musician alice(s.line, transport_kind::polling);
  s.line.advance(1'000);
  const std::string query = "EIO=4&transport=polling&sid=" + alice.sid();
  const std::string played = R"(42["session:event",{"type":)";
  host.messages();
  const auto post =
      s.line.post(query, R"(42["session:join",{"name":"A","roomCode":")" + code + "\"}]\x1e" +
                             played + "\"1\"}]\x1e" + played + "\"2\"}]");
  CHECK(s.line.measure("connections_moved_total") == 1);
  CHECK(s.line.response(post) == "<pending>");
  host.messages();
  s.line.advance(200);
  CHECK(s.line.response(post) == "200 ok");
  CHECK(host.messages() ==
        transcript{relayed(alice.id(), R"("type":"1")"), relayed(alice.id(), R"("type":"2")")});
  CHECK(s.line.measure("polling_deferred_bytes") == 0);
}

TEST_CASE("a larger maxPayload is in the handshakes that come once it is allowed") {
  jam_stage s({}, 1);
  const std::string smaller = R"({"maxPayload":1000})";
  const auto told = [&] {
    return s.line.response(s.line.get("EIO=4&transport=polling")).find("\"maxPayload\":65536}") !=
           std::string::npos;
  };
  CHECK(told());
  // Clients count on what their open packet said.
  s.line.give(input::options_changed{smaller});
  CHECK(told());
  s.line.give(input::options_changed{R"({"maxPayload":262144,"maxEventBytes":100000})"});
  CHECK_FALSE(told());
  musician alice(s.line);
  alice.create("Alice");
  alice.emit_with_ack("session:event",
                      R"({"type":"a","data":")" + std::string(90'000, 'x') + "\"}");
  CHECK(alice.messages() == transcript{acked(0)});
  musician bob(s.line, transport_kind::polling);
  bob.create("Bob");
  bob.emit_with_ack("session:event", R"({"type":"a","data":")" + std::string(90'000, 'x') + "\"}");
  CHECK(bob.messages() == transcript{acked(0)});
}

TEST_CASE("the metric lockdown is as of now") {
  options o;
  o.max_failed_joins_per_day = 2;
  jam_stage s(o, 1);
  musician alice(s.line);
  musician bob(s.line);
  bob.create("Bob");
  for (int i = 0; i != 4; ++i) alice.join("MUSIC-42", "Alice");
  const auto locked_down = s.line.measure("lockdown");
  s.line.advance(5 * 24 * 3'600'000);
  CHECK(locked_down == 1);
  CHECK(s.line.measure("lockdown") == 0);
}

}  // namespace downbeat::jam::test
