#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

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
  CHECK(log.back() == "1 transport error");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("who waits at a poll gets more at once than the queue may hold") {
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
