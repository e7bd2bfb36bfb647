#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

TEST_CASE("a shutdown closes every connection, in the order of their opening") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string waiting = open_polling(line);
  const auto get = line.get(polling(waiting));
  const auto peer = open_websocket(line);
  const std::string absent = open_polling(line);
  const std::string upgrading = open_polling(line);
  const auto probing = line.open_websocket(websocket(upgrading));
  line.receive(probing, "2probe");
  line.sent(probing);
  const auto upgraded = upgrade(line, open_polling(line));
  log.clear();

  line.shut_down();
  CHECK(log == transcript{"1 server shutting down", "2 server shutting down",
                          "3 server shutting down", "4 server shutting down",
                          "5 server shutting down"});
  CHECK(line.response(get) == "200 1");
  CHECK(line.sent(peer) == transcript{"<closed 1005>"});
  CHECK(line.sent(probing) == transcript{"<closed 1005>"});
  CHECK(line.sent(upgraded) == transcript{"<closed 1005>"});
  CHECK(line.measure("connections_websocket") == 0);

  // Those without a pending GET can still get the close.
  CHECK(line.measure("connections_polling") == 2);
  CHECK(line.response(line.get(polling(absent))) == "200 1");
  CHECK(line.response(line.get(polling(upgrading))) == "200 1");
  CHECK(line.measure("connections_polling") == 0);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("after a shutdown no handshake is admitted, on either transport") {
  wire line(make_echo());
  line.shut_down();
  CHECK(line.response(line.get(by_polling)) == shutting_down);
  CHECK(line.sent(line.open_websocket()) == transcript{"<refused 503 Server is shutting down>"});
  // What would be refused before is refused as before.
  CHECK(line.response(line.get("EIO=4&transport=pigeon")) == transport_unknown);
  CHECK(line.response(line.get("EIO=4&transport=polling&sid=unknown")) == session_unknown);
  CHECK(line.response(line.request(downbeat::http_method::post, by_polling)) == bad_method);
  CHECK(line.response(line.get(by_websocket)) == bad_request);
  // And it comes before the version.
  CHECK(line.response(line.get("EIO=3&transport=polling")) == shutting_down);
}

TEST_CASE("a shutdown may be asked for twice, and leaves a lingering session its close") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4close");
  log.clear();
  line.shut_down();
  line.shut_down();
  CHECK(log.empty());
  CHECK(line.response(line.get(polling(sid))) == "200 1");
}

TEST_CASE("a shutdown in the middle of everything leaves nothing behind") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto post = line.begin_post(polling(sid));
  const auto other_post = line.begin_post(polling(open_polling(line)));
  line.shut_down();
  CHECK(line.response(get) == "200 1");
  CHECK(line.response(post) == "200 ok");
  CHECK(line.response(other_post) == "200 ok");
  line.advance(30'000);
  CHECK(line.measure("connections_polling") == 0);
  CHECK_FALSE(line.wait_ms().has_value());
}
