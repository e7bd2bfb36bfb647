#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

using namespace downbeat::test;

// The host measures, because it must not even read what is too large; the machine decides.

TEST_CASE("a body that is too large is answered with 413, and the session survives") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .begins_post()
      .finishes_post_too_large()
      .expects_response("413 ")
      .expects_response("<pending>", 1)
      .posts("4still here")
      .expects_response("200 ok")
      .expects_response("200 4still here", 2);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("the answer to a body that is too large has no content") {
  wire line(make_echo());
  const auto post = line.begin_post(polling(open_polling(line)));
  line.finish_post_too_large(post);
  CHECK(line.content_type(post).empty());
}

TEST_CASE("a message that is too large closes the WebSocket with 1009") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const auto peer = open_websocket(line);
  line.receive_too_large(peer);
  CHECK(line.sent(peer) == transcript{"<closed 1009>"});
  CHECK(log.back() == "1 transport error");
  CHECK(line.limited("payload_bytes") == 1);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("messages as large as the limit pass on every transport") {
  const std::string large(999'999, 'x');
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.receive(peer, "4" + large);
  CHECK(line.last_sent(peer) == "4" + large);

  const std::string sid = open_polling(line);
  line.post(polling(sid), "4" + large);
  CHECK(line.response(line.get(polling(sid))) == "200 4" + large);
}

namespace {

downbeat::engineio::options with_queue_of(std::int64_t bytes) {
  downbeat::engineio::options options;
  options.max_queued_bytes = bytes;
  return options;
}

}  // namespace

TEST_CASE("what waits for a poll may fill the queue to its limit, but not past it") {
  transcript log;
  wire line(make_echo_with(with_queue_of(20), &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4123456789");
  line.post(polling(sid), "4123456789");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 4123456789\x1e"
        "4123456789");

  log.clear();
  line.post(polling(sid), "4123456789");
  line.post(polling(sid), "4123456789");
  line.post(polling(sid), "4x");
  CHECK(log.back() == "1 slow reader");
  CHECK(line.limited("polling_queued_bytes") == 1);
  CHECK(line.measure("polling_queued_bytes") == 0);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("a client with a pending GET gets more at once than the queue may hold") {
  wire line(make_echo_with(with_queue_of(20)));
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  line.post(polling(sid),
            "4123456789\x1e"
            "4123456789\x1e"
            "4123456789");
  CHECK(line.response(get) ==
        "200 4123456789\x1e"
        "4123456789\x1e"
        "4123456789");
}

TEST_CASE("a queue without a limit holds whatever is sent") {
  wire line(make_echo_with(with_queue_of(0)));
  const std::string sid = open_polling(line);
  const std::string large(900'000, 'x');
  for (int i = 0; i < 5; ++i) line.post(polling(sid), "4" + large);
  CHECK(line.response(line.get(polling(sid))).size() > 4'500'000);
}

TEST_CASE("a ping that is one byte too much for a queue closes the connection, and that is all") {
  transcript log;
  wire line(make_echo_with(with_queue_of(11), &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4123456789");
  line.post(polling(sid), "4");
  log.clear();
  line.advance(100'000);
  CHECK(log == transcript{"1 slow reader"});
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("what waits for all polls together has a bound: those with the most must go") {
  downbeat::engineio::options options;
  options.max_queued_bytes_in_all = 80;
  transcript log;
  wire line(make_echo_with(options, &log));
  const std::string small = open_polling(line);
  const std::string large = open_polling(line);
  const std::string larger = open_polling(line);
  line.post(polling(small), "41234567");
  line.post(polling(large), "4" + std::string(29, 'l'));
  line.post(polling(larger), "4" + std::string(41, 'l'));
  CHECK(line.measure("polling_queued_bytes") == 80);
  log.clear();

  // One byte more: the one for whom the most waits is closed, and the others have room again.
  line.post(polling(small), "4");
  CHECK(log.back() == "3 slow reader");
  CHECK(line.limited("polling_queued_bytes_in_all") == 1);
  CHECK(line.measure("polling_queued_bytes") == 39);
  CHECK(line.response(line.get(polling(larger))) == session_unknown);
  CHECK(line.response(line.get(polling(large))) == "200 4" + std::string(29, 'l'));
  CHECK(line.response(line.get(polling(small))) ==
        "200 41234567\x1e"
        "4");
  CHECK(line.measure("polling_queued_bytes") == 0);
}

TEST_CASE("what a lost connection leaves unread is counted no more") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4123");
  CHECK(line.measure("polling_queued_bytes") == 4);
  const auto websocket_of_it = line.open_websocket(websocket(sid));
  line.receive(websocket_of_it, "2probe");
  line.receive(websocket_of_it, "5");
  CHECK(line.measure("polling_queued_bytes") == 0);
  const std::string other = open_polling(line);
  line.post(polling(other), "4123");
  line.post(polling(other), "1");
  CHECK(line.measure("polling_queued_bytes") == 0);
}

TEST_CASE("ten thousand who never come for it keep no more than the bound, and others are served") {
  constexpr std::uint64_t bound = 4 * 1024 * 1024;
  downbeat::engineio::options options;
  options.max_queued_bytes_in_all = static_cast<std::int64_t>(bound);
  wire line(make_echo_with(options));
  const std::string reader = open_polling(line);
  const std::string note = "4" + std::string(999, 'x');
  std::uint64_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    line.post(polling(open_polling(line)), note);
    most = std::max(most, line.measure("polling_queued_bytes"));
  }
  CHECK(most > bound / 8 * 7);
  CHECK(most <= bound);
  CHECK(line.limited("polling_queued_bytes_in_all") > 5'000);
  line.post(polling(reader), "4still here");
  CHECK(line.response(line.get(polling(reader))) == "200 4still here");
}
