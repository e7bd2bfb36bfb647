#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

namespace {

constexpr std::int64_t interval = 25'000;
constexpr std::int64_t timeout = 20'000;

}  // namespace

TEST_CASE("a ping comes exactly one interval after the handshake, and after every pong") {
  conversation talk(make_echo);
  talk.opens_websocket()
      .expects_messages({"<accepted>", "0{\"sid\":\"*"})
      .waits(interval - 1)
      .expects_nothing()
      .waits(1)
      .expects_messages({"2"})
      .waits(7'000)
      .sends("3")
      .waits(interval - 1)
      .expects_nothing()
      .waits(1)
      .expects_messages({"2"})
      .sends("3")
      .waits(interval)
      .expects_messages({"2"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE(
    "a silent WebSocket is closed exactly one interval and one time-out after its handshake") {
  transcript log;
  wire line(make_echo_with({}, &log));
  line.advance(1'234'567);
  const auto peer = open_websocket(line);
  line.advance(interval);
  CHECK(line.sent(peer) == transcript{"2"});
  line.advance(timeout - 1);
  CHECK(line.is_open(peer));
  CHECK(line.wait_ms() == 1);
  line.advance(1);
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
  CHECK(log.back() == "1 ping timeout");
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a silent session on polling is gone just as exactly, with and without a pending GET") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string waiting = open_polling(line);
  const std::string absent = open_polling(line);
  const std::string tired = open_polling(line);
  auto get = line.get(polling(waiting));
  const auto post = line.begin_post(polling(tired));
  line.advance(interval - 1);
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 2");
  get = line.get(polling(waiting));
  line.advance(timeout - 1);
  CHECK(line.measure("connections_polling") == 3);
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 1");
  CHECK(line.response(post) == session_unknown);
  CHECK(line.measure("connections_polling") == 0);
  CHECK(line.response(line.get(polling(absent))) == session_unknown);
  CHECK(log == transcript{"1 opened", "2 opened", "3 opened", "1 ping timeout", "2 ping timeout",
                          "3 ping timeout"});
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a ping without a pending GET waits for the next one, and its time-out does not") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(interval + timeout - 1);
  CHECK(line.response(line.get(polling(sid))) == "200 2");
  line.advance(1);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("a pong keeps a session on polling alive") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  for (int i = 0; i != 10; ++i) {
    const auto get = line.get(polling(sid));
    line.advance(interval);
    REQUIRE(line.response(get) == "200 2");
    line.advance(timeout - 1);
    REQUIRE(line.response(line.post(polling(sid), "3")) == "200 ok");
    CHECK(line.wait_ms() == interval);
  }
}

TEST_CASE("the first other packet that comes instead of a pong restarts the time-out, once") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.advance(interval);
  CHECK(line.sent(peer) == transcript{"2"});
  line.advance(timeout - 1);
  line.receive(peer, "4long message");
  CHECK(line.wait_ms() == timeout);
  line.advance(5'000);
  line.receive(peer, "4another");
  CHECK(line.wait_ms() == timeout - 5'000);
  line.advance(timeout - 5'000 - 1);
  CHECK(line.is_open(peer));
  line.advance(1);
  CHECK_FALSE(line.is_open(peer));
}

TEST_CASE("every ping may be bought time for anew") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  for (int i = 0; i != 3; ++i) {
    line.advance(interval);
    line.advance(timeout - 1);
    line.receive_binary(peer, "\x01");
    line.advance(timeout - 1);
    line.receive(peer, "3");
    CHECK(line.wait_ms() == interval);
    CHECK(line.is_open(peer));
  }
}

TEST_CASE("any packet restarts the time-out, and on any transport") {
  for (const std::string_view packet : {"4", "bAQID", "0", "5", "6"}) {
    CAPTURE(packet);
    wire line(make_echo());
    const auto peer = open_websocket(line);
    line.advance(interval + 1'000);
    line.receive(peer, packet);
    CHECK(line.wait_ms() == timeout);
  }
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(interval + 1'000);
  line.post(polling(sid),
            "4one\x1e"
            "4two");
  CHECK(line.wait_ms() == timeout);
  line.advance(1'000);
  line.post(polling(sid), "4three");
  CHECK(line.wait_ms() == timeout - 1'000);
}

TEST_CASE("a packet that comes before the ping does not move it") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.advance(10'000);
  line.receive(peer, "4hello");
  CHECK(line.wait_ms() == interval - 10'000);
}

TEST_CASE("a pong that nobody asked for is ignored") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.advance(10'000);
  line.receive(peer, "3");
  CHECK(line.wait_ms() == interval - 10'000);
  line.advance(interval - 10'000);
  line.sent(peer);
  line.advance(1'000);
  line.receive(peer, "3");
  line.advance(1'000);
  line.receive(peer, "3");
  CHECK(line.wait_ms() == interval - 1'000);
}

TEST_CASE("an answered probe is no sign of life for the session") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(interval + 1'000);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(timeout - 1'000 - 1);
  CHECK(line.measure("connections_polling") == 1);
  line.advance(1);
  CHECK(line.measure("connections_polling") == 0);
}

TEST_CASE("a ping that polling could not deliver goes out on the new WebSocket") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(interval - 1);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(1);
  line.receive(peer, "5");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "2"});
  line.advance(timeout - 1);
  line.receive(peer, "3");
  CHECK(line.wait_ms() == interval);
}

TEST_CASE("a pong that a sleeping host delivers late still counts") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.advance(interval);
  line.oversleep(10 * timeout);
  line.receive(peer, "3");
  line.wake();
  CHECK(line.is_open(peer));
  CHECK(line.wait_ms() == interval);
}

TEST_CASE("after a host's long sleep a peer gets its ping and a whole time-out") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.oversleep(10 * (interval + timeout));
  line.wake();
  CHECK(line.sent(peer) == transcript{"2"});
  CHECK(line.wait_ms() == timeout);
  line.oversleep(timeout + 1);
  line.wake();
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
}

TEST_CASE("a deadline that comes too early or twice does no harm") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.wake();
  line.advance(interval - 1);
  line.wake();
  CHECK(line.sent(peer).empty());
  line.advance(1);
  line.wake();
  line.wake();
  CHECK(line.sent(peer) == transcript{"2"});
  CHECK(line.wait_ms() == timeout);
}

TEST_CASE("other settings are kept as exactly") {
  downbeat::engineio::options options;
  options.ping_interval_ms = 300;
  options.ping_timeout_ms = 200;
  wire line(make_echo_with(options));
  const auto peer = open_websocket(line);
  line.advance(499);
  CHECK(line.sent(peer) == transcript{"2"});
  CHECK(line.is_open(peer));
  line.advance(1);
  CHECK_FALSE(line.is_open(peer));
}

TEST_CASE(
    "connections that are due at the same time have their turn in the order of their opening") {
  transcript log;
  wire line(make_echo_with({}, &log));
  open_websocket(line);
  open_polling(line);
  open_websocket(line);
  line.advance(interval + timeout);
  log.erase(log.begin(), log.begin() + 3);
  CHECK(log == transcript{"1 ping timeout", "2 ping timeout", "3 ping timeout"});
}
