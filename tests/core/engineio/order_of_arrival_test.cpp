#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

// What arrives on two connections is handled in the order of its arrival, whichever they are.

TEST_CASE("an upgrade packet and then a GET: the session is on its WebSocket already") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.receive(peer, "5");
  CHECK(line.response(line.get(polling(sid))) == bad_request);
  CHECK(line.is_open(peer));
}

TEST_CASE("a GET and then an upgrade packet: the GET is released") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  const auto get = line.get(polling(sid));
  line.receive(peer, "5");
  CHECK(line.response(get) == "200 6");
  CHECK(line.is_open(peer));
}

TEST_CASE("a POST, an upgrade packet and a message are echoed in that order") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.post(polling(sid), "4one");
  line.receive(peer, "5");
  line.receive(peer, "4two");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "4one", "4two"});
}

TEST_CASE("an abort and then an upgrade packet: there is nothing left to upgrade") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.abort(get);
  line.receive(peer, "5");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "<closed 1005>"});
  CHECK(line.measure("upgrades_total") == 0);
}

TEST_CASE("the upgrade packet and its time-out at the same moment: the first wins") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(9'999);
  line.oversleep(1);
  line.receive(peer, "5");
  line.wake();
  CHECK(line.is_open(peer));
  CHECK(line.measure("connections_websocket") == 1);
}

TEST_CASE("a GET and the end of a lingering session at the same moment: the first wins") {
  for (const bool is_get_first : {true, false}) {
    wire line(make_echo());
    const std::string sid = open_polling(line);
    line.post(polling(sid), "4close");
    line.advance(29'999);
    line.oversleep(1);
    if (!is_get_first) line.wake();
    const auto get = line.get(polling(sid));
    line.wake();
    CHECK(line.response(get) == (is_get_first ? "200 1" : session_unknown));
    CHECK_FALSE(line.wait_ms().has_value());
  }
}

TEST_CASE("a body in the middle of other things counts when it is complete") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  const auto get = line.get(polling(sid));
  line.advance(25'000);
  CHECK(line.response(get) == "200 2");
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(19'999);
  CHECK(line.response(post) == "<pending>");
  line.finish_post(post,
                   "3\x1e"
                   "4hello");
  CHECK(line.response(line.get(polling(sid))) == "200 4hello");
  CHECK(line.wait_ms() == 25'000);
}
