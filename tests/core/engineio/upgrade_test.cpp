#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

TEST_CASE("a WebSocket takes over from polling without losing a message") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .sends("2probe")
      .expects_messages({"<accepted>", "3probe"})
      .waits(99)
      .expects_response("<pending>")
      .waits(1)
      .expects_response("200 6")
      .posts("4while upgrading")
      .expects_response("200 ok")
      .sends("5")
      .expects_messages({"4while upgrading"})
      .sends("4afterwards")
      .expects_messages({"4afterwards"})
      .gets()
      .expects_response("400 {\"code\":3,\"message\":\"Bad request\"}");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a pending GET is released every 100 ms after the probe, and not before it") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  auto get = line.get(polling(sid));
  const auto peer = line.open_websocket(websocket(sid));
  line.advance(1'000);
  CHECK(line.response(get) == "<pending>");
  line.receive(peer, "2probe");
  line.advance(99);
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 6");
  get = line.get(polling(sid));
  line.advance(99);
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 6");

  // Between two releases nothing is left over for a GET that comes later.
  line.advance(1'050);
  get = line.get(polling(sid));
  line.advance(49);
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 6");
}

TEST_CASE("the probe may be repeated") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.receive(peer, "2probe");
  line.receive(peer, "5");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "3probe"});
  CHECK(line.is_open(peer));
  CHECK(line.measure("upgrades_total") == 1);
}

TEST_CASE("a repeated probe does not put off the release of a GET") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(60);
  line.receive(peer, "2probe");
  line.advance(40);
  CHECK(line.response(get) == "200 6");
}

TEST_CASE("a ping that is due at the same moment releases a GET by itself") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(24'900);
  const auto get = line.get(polling(sid));
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.advance(100);
  CHECK(line.response(get) == "200 2");
}

TEST_CASE("polling stays usable until the upgrade packet") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe"});
  auto get = line.get(polling(sid));
  line.post(polling(sid), "4one");
  CHECK(line.response(get) == "200 4one");
  line.post(polling(sid),
            "4two\x1e"
            "bAQID");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 4two\x1e"
        "bAQID");
  CHECK(line.sent(peer).empty());
}

TEST_CASE("what polling still held goes out on the WebSocket, in order and once") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = line.open_websocket(websocket(sid));
  line.receive(peer, "2probe");
  line.post(polling(sid),
            "4one\x1e"
            "bAQID");
  line.post(polling(sid), "4two");
  line.receive(peer, "5");
  CHECK(line.sent(peer) == transcript{"<accepted>", "3probe", "4one", "<binary 010203>", "4two"});
  line.receive(peer, "4three");
  CHECK(line.sent(peer) == transcript{"4three"});
}

TEST_CASE("a GET that still waits when the WebSocket takes over is released") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  upgrade(line, sid);
  CHECK(line.response(get) == "200 6");
  CHECK(line.measure("connections_polling") == 0);
  CHECK(line.measure("connections_websocket") == 1);
}

TEST_CASE("an upgraded session has no use for HTTP requests") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto peer = upgrade(line, sid);
  CHECK(line.response(line.get(polling(sid))) == bad_request);
  CHECK(line.response(line.begin_post(polling(sid))) == bad_request);
  CHECK(line.response(line.get(websocket(sid))) == bad_request);
  CHECK(line.is_open(peer));
}

TEST_CASE("a body that arrives after the upgrade is received, and answered on the WebSocket") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .begins_post()
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .sends("2probe")
      .sends("5")
      .expects_messages({"<accepted>", "3probe"})
      .expects_response("<pending>")
      .sends("4first")
      .finishes_post(
          "4second\x1e"
          "bAQID")
      .expects_response("200 ok")
      .expects_messages({"4first", "4second", "<binary 010203>"})
      .begins_post()
      .expects_response(bad_request)
      .sends("4third")
      .expects_messages({"4third"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a body that is too large, after the upgrade, leaves the session alone") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .begins_post()
      .opens_websocket("EIO=4&transport=websocket&sid={sid}")
      .sends("2probe")
      .sends("5")
      .finishes_post_too_large()
      .expects_response("413 ")
      .sends("4still here")
      .expects_messages({"<accepted>", "3probe", "4still here"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a bad or closing body ends an upgraded session on its WebSocket") {
  for (const std::string_view body : {"", "x", "2", "1"}) {
    CAPTURE(body);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    const auto post = line.begin_post(polling(sid));
    const auto peer = upgrade(line, sid);
    line.finish_post(post, body);
    CHECK(line.response(post) == "200 ok");
    CHECK(line.sent(peer) == transcript{"<closed 1005>"});
    CHECK_FALSE(line.wait_ms().has_value());
  }
}

TEST_CASE("a body that is lost after the upgrade is lost alone") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  const auto peer = upgrade(line, sid);
  line.abort(post);
  CHECK(line.sent(peer).empty());
  line.receive(peer, "4hello");
  CHECK(line.sent(peer) == transcript{"4hello"});
}

TEST_CASE("a POST whose body is on its way is answered when the WebSocket is lost") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  const auto peer = upgrade(line, sid);
  line.lose(peer);
  CHECK(line.response(post) == session_unknown);
  CHECK(log == transcript{"1 opened", "1 transport close"});
  CHECK(line.measure("connections_websocket") == 0);
  CHECK(line.measure("connections_polling") == 0);
}

TEST_CASE("an upgraded session closes like any other on a WebSocket") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto lost = upgrade(line, open_polling(line));
  line.lose(lost);
  CHECK(log.back() == "1 transport close");
  const std::string sid = open_polling(line);
  const auto closed = upgrade(line, sid);
  line.receive(closed, "4say and close");
  CHECK(line.sent(closed) == transcript{"4goodbye", "<closed 1005>"});
  CHECK(log.back() == "2 forced close");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("an upgrade does not disturb the heartbeat") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.advance(20'000);
  const auto peer = upgrade(line, sid);
  CHECK(line.wait_ms() == 5'000);
  line.advance(5'000);
  CHECK(line.sent(peer) == transcript{"2"});
}
