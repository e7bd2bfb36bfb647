#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

// The packets in a POST are handled at a pace, like the messages of a WebSocket: what is too much
// for now waits, and the answer with it.

using namespace downbeat::test;

namespace {

/// Ten packets a second, and one at once after a rest.
downbeat::engineio::options slow() {
  downbeat::engineio::options o;
  o.max_messages_per_second = 10;
  return o;
}

/// `4a␞4b␞4c…`
std::string letters(int count) {
  std::string body;
  for (int i = 0; i != count; ++i) {
    if (!body.empty()) body += '\x1e';
    body += '4';
    body += static_cast<char>('a' + i);
  }
  return body;
}

}  // namespace

TEST_CASE("packets in a POST are handled at their pace, in order, and answered when all are") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid), letters(4));
  CHECK(line.response(post) == "<pending>");
  CHECK(line.response(line.get(polling(sid))) == "200 4a");
  CHECK(line.wait_ms() == 100);
  CHECK(line.measure("polling_deferred_bytes") > 0);
  line.advance(99);
  const auto get = line.get(polling(sid));
  CHECK(line.response(get) == "<pending>");
  line.advance(1);
  CHECK(line.response(get) == "200 4b");
  CHECK(line.response(post) == "<pending>");
  line.advance(200);
  CHECK(line.response(post) == "200 ok");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 4c\x1e"
        "4d");
  CHECK(line.limited("polling_messages_per_second") == 3);
  CHECK(line.measure("polling_deferred_bytes") == 0);
}

TEST_CASE("a burst is handled at once, however the packets are spread over POSTs") {
  auto o = slow();
  o.max_messages_per_second = 50;
  wire line(make_echo_with(o));
  const std::string sid = open_polling(line);
  CHECK(line.response(line.post(polling(sid), letters(3))) == "200 ok");
  CHECK(line.response(line.post(polling(sid), letters(2))) == "200 ok");
  const auto post = line.post(polling(sid), letters(5));
  CHECK(line.response(post) == "<pending>");
  line.advance(100);
  CHECK(line.response(post) == "200 ok");
}

TEST_CASE("packets of every kind count") {
  const std::string packet = GENERATE("3", "4", "6", "b");
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid), packet + '\x1e' + packet);
  CHECK(line.response(post) == "<pending>");
  line.advance(100);
  CHECK(line.response(post) == "200 ok");
}

TEST_CASE("a rate below one in an interval is kept, too, and 0 lifts it") {
  auto o = slow();
  o.max_messages_per_second = 2;
  wire line(make_echo_with(o));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid), letters(2));
  CHECK(line.wait_ms() == 500);
  line.advance(500);
  CHECK(line.response(post) == "200 ok");

  wire unlimited(make_echo());
  const std::string other = open_polling(unlimited);
  std::string body = "4";
  for (int i = 0; i != 20'000; ++i)
    body +=
        "\x1e"
        "4";
  CHECK(unlimited.response(unlimited.post(polling(other), body)) == "200 ok");
}

TEST_CASE("a second POST while one waits for its turn ends the session, as ever") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto first = line.post(polling(sid), letters(3));
  const auto second = line.begin_post(polling(sid));
  CHECK(line.response(second) == "400 ");
  CHECK(line.response(first) == "<cut>");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
  CHECK(line.measure("polling_deferred_bytes") == 0);
}

TEST_CASE("what waits for its turn goes when its peer does") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid), letters(3));
  line.abort(post);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
  CHECK(line.measure("polling_deferred_bytes") == 0);
}

TEST_CASE("what waits for its turn is answered when the server closes") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto post = line.post(polling(sid), "3\x1e" + letters(3));
  line.shut_down();
  CHECK(line.response(post) == "200 ok");
  CHECK(line.response(get) == "200 1");
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a packet that is none closes the session when its turn comes") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid),
                              "4a\x1e\x1e"
                              "4c");
  CHECK(line.response(post) == "<pending>");
  line.advance(100);
  CHECK(line.response(post) == "200 ok");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("what waits for its turn goes on after an upgrade, and is the last of polling") {
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.post(polling(sid), letters(3));
  CHECK(line.response(line.get(polling(sid))) == "200 4a");
  const auto peer = upgrade(line, sid);
  CHECK(line.response(post) == "<pending>");
  line.advance(200);
  CHECK(line.sent(peer) == transcript{"4b", "4c"});
  CHECK(line.response(post) == "200 ok");
  line.receive(peer, "4hello");
  CHECK(line.sent(peer) == transcript{"4hello"});
}

TEST_CASE("a POST that is aborted after an upgrade leaves the WebSocket alone") {
  const bool has_come = GENERATE(false, true);
  wire line(make_echo_with(slow()));
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  const auto peer = upgrade(line, sid);
  if (has_come) {
    line.finish_post(post, letters(3));
    CHECK(line.sent(peer) == transcript{"4a"});
  }
  line.abort(post);
  line.advance(1'000);
  line.receive(peer, "4hello");
  CHECK(line.sent(peer) == transcript{"4hello"});
  CHECK(line.measure("connections_websocket") == 1);
  CHECK(line.measure("polling_deferred_bytes") == 0);
}

TEST_CASE("what waits for its turn counts for what may wait in all") {
  auto o = slow();
  o.max_queued_bytes_in_all = 1'000;
  wire line(make_echo_with(o));
  const std::string small = open_polling(line);
  const std::string large = open_polling(line);
  const auto little = line.post(polling(small), "3\x1e" + std::string("4") + std::string(300, 'x'));
  CHECK(line.response(little) == "<pending>");
  const auto much = line.post(polling(large), "3\x1e" + std::string("4") + std::string(800, 'x'));
  CHECK(line.response(much) == session_unknown);
  CHECK(line.limited("polling_queued_bytes_in_all") == 1);
  line.advance(100);
  CHECK(line.response(little) == "200 ok");
}

TEST_CASE("a body larger than the limit is refused even if the host lets it through") {
  auto o = slow();
  o.max_payload_bytes = 100;
  wire line(make_echo_with(o));
  const std::string sid = open_polling(line);
  CHECK(line.response(line.post(polling(sid), '4' + std::string(99, 'x'))) == "200 ok");
  line.advance(1'000);
  CHECK(line.response(line.post(polling(sid), '4' + std::string(100, 'x'))) == "413 ");
}
