#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

TEST_CASE("a polling client that closes is answered with a noop, and its session is gone") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  CHECK(line.response(line.post(polling(sid), "1")) == "200 ok");
  CHECK(line.response(get) == "200 6");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK(log == transcript{"1 opened", "1 transport close"});
}

TEST_CASE("what was said before a polling client closed goes before the noop") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  line.post(polling(sid),
            "4last words\x1e"
            "1");
  CHECK(line.response(get) ==
        "200 4last words\x1e"
        "6");
}

TEST_CASE("a close packet on a WebSocket closes it at once") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto peer = open_websocket(line);
  line.receive(peer, "1");
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
  CHECK(log == transcript{"1 opened", "1 transport close"});
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a lost WebSocket closes its session at once, and nothing is sent any more") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto peer = open_websocket(line);
  line.lose(peer);
  CHECK(line.sent(peer).empty());
  CHECK(log == transcript{"1 opened", "1 transport close"});
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("what the application sends before it closes still arrives") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto peer = open_websocket(line);
  line.receive(peer, "4say and close");
  CHECK(line.sent(peer) == transcript{"4goodbye", "<closed 1005>"});

  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  line.post(polling(sid), "4say and close");
  CHECK(line.response(get) == "200 4goodbye");
  CHECK(line.response(line.get(polling(sid))) == "200 1");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK(log == transcript{"1 opened", "1 got say and close", "1 forced close", "2 opened",
                          "2 got say and close", "2 forced close"});
}

TEST_CASE("nothing is received on a WebSocket after its close") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto peer = open_websocket(line);
  line.receive(peer, "4close");
  log.clear();
  // The host's messages may have crossed the output that closes.
  line.receive(peer, "4too late");
  line.receive(peer, "x");
  line.receive_too_large(peer);
  CHECK(log.empty());
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
}

// The JavaScript client obeys a close at once, but handles the messages of a response a little
// later: in one response with them, the close would cost it the messages.
TEST_CASE("a close without a pending GET is kept for one that comes behind what was queued") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .posts(
          "4one\x1e"
          "bAQID\x1e"
          "4say and close")
      .expects_response("200 ok")
      .waits(15'000)
      .gets()
      .expects_response(
          "200 4one\x1e"
          "bAQID\x1e"
          "4goodbye")
      .waits(14'999)
      .gets()
      .expects_response("200 1")
      .gets()
      .expects_response(session_unknown);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("fetching what was queued does not prolong the time that a close is kept") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4say and close");
  line.advance(close_timeout - 1);
  CHECK(line.response(line.get(polling(sid))) == "200 4goodbye");
  CHECK(line.wait_ms() == 1);
  line.advance(1);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a close without anything queued reaches a pending GET at once") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  line.post(polling(sid), "4close");
  CHECK(line.response(get) == "200 1");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("a kept close is forgotten exactly after its time-out") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(1'000);
  line.post(polling(sid), "4close");
  CHECK(line.wait_ms() == close_timeout);
  line.advance(close_timeout - 1);
  CHECK(line.measure("connections_polling") == 1);
  line.advance(1);
  CHECK(line.measure("connections_polling") == 0);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("the application learns of its own close at once, and only once") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4close");
  CHECK(log == transcript{"1 opened", "1 got close", "1 forced close"});
  line.advance(close_timeout);
  CHECK(log.size() == 3);
}

TEST_CASE("a lingering session answers POSTs with ok and drops them") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4close");
  log.clear();
  const auto post = line.begin_post(polling(sid));
  CHECK(line.response(post) == "200 ok");
  CHECK(line.content_type(post) == "text/html");
  CHECK(line.response(line.post(polling(sid), "4too late")) == "200 ok");
  CHECK(line.response(line.post(polling(sid), "x")) == "200 ok");
  CHECK(line.response(line.request(downbeat::http_method::other, polling(sid))) == "500 ");
  CHECK(log.empty());
  CHECK(line.response(line.get(polling(sid))) == "200 1");
}

TEST_CASE("a POST under way does not keep a client from fetching what a close left behind") {
  // A client takes an error for the loss of its connection, and would look no further.
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4queued");
  const auto post = line.begin_post(polling(sid));
  line.shut_down();
  CHECK(line.response(post) == "200 ok");
  line.finish_post(post, "4too late");
  CHECK(line.response(line.get(polling(sid))) == "200 4queued");
  CHECK(line.response(line.get(polling(sid))) == "200 1");
}

TEST_CASE("a session does not linger after its peer's fault, its loss or its silence") {
  for (const std::string_view body : {"1", "2", "x", ""}) {
    wire line(make_echo());
    const std::string sid = open_polling(line);
    line.post(polling(sid), body);
    CHECK(line.measure("connections_polling") == 0);
    CHECK_FALSE(line.wait_ms().has_value());
  }
}

TEST_CASE("a session closes for the first reason given") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid),
            "4close\x1e"
            "1\x1e"
            "x");
  CHECK(log.back() == "1 forced close");
}
