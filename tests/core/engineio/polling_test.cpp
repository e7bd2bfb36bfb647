#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;

TEST_CASE("a GET waits until there is something to say") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  CHECK(line.response(get) == "<pending>");
  line.advance(10'000);
  CHECK(line.response(get) == "<pending>");
  line.post(polling(sid), "4hello");
  CHECK(line.response(get) == "200 4hello");
  CHECK(line.content_type(get) == "text/plain; charset=UTF-8");
}

TEST_CASE("a POST is answered with ok") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid), "text/plain;charset=UTF-8");
  CHECK(line.response(post) == "<pending>");
  line.finish_post(post, "4hello");
  CHECK(line.response(post) == "200 ok");
  CHECK(line.content_type(post) == "text/html");
}

TEST_CASE("what is said between two GETs is gathered for the next") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.post(polling(sid), "4one");
  line.post(polling(sid), "4two");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 4one\x1e"
        "4two");
  CHECK(line.response(line.get(polling(sid))) == "<pending>");
}

TEST_CASE("a talk over polling survives every failure of its peer") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .begins_post()
      .expects_response("<pending>")
      .expects_response("<pending>", 1)
      .finishes_post(
          "4one\x1e"
          "bAQID\x1e"
          "4two")
      .expects_response("200 ok")
      .expects_response(
          "200 4one\x1e"
          "bAQID\x1e"
          "4two",
          1)
      .gets()
      .waits(24'999)
      .expects_response("<pending>")
      .waits(1)
      .expects_response("200 2")
      .posts("3")
      .gets()
      .waits(24'999)
      .expects_response("<pending>")
      .waits(1)
      .expects_response("200 2")
      .posts("3")
      .begins_post()
      .finishes_post_too_large()
      .expects_response("413 ")
      .gets()
      .posts("1")
      .expects_response("200 ok")
      .expects_response("200 6", 1)
      .gets()
      .expects_response(session_unknown);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a second GET gets 400, the first a close packet, and the session is gone") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .gets()
      .expects_response("400 ")
      .expects_response("200 1", 1)
      .gets()
      .expects_response(session_unknown);
  talk.run();
  talk.run_failing_at_every_step();

  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.get(polling(sid));
  const auto second = line.get(polling(sid));
  CHECK(line.content_type(second).empty());
  CHECK(log == transcript{"1 opened", "1 transport error"});
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("a second POST is refused, the first is cut, and the session is gone") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .begins_post()
      .begins_post()
      .expects_response("400 ")
      .expects_response("<cut>", 1)
      .expects_response("200 1", 2)
      .gets()
      .expects_response(session_unknown);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a GET and a POST may be under way at the same time") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  const auto get = line.get(polling(sid));
  line.finish_post(post, "4hello");
  CHECK(line.response(post) == "200 ok");
  CHECK(line.response(get) == "200 4hello");
}

TEST_CASE("one POST may follow another whose answer is given") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  for (int i = 0; i != 3; ++i) CHECK(line.response(line.post(polling(sid), "3")) == "200 ok");
}

TEST_CASE("an aborted GET closes the session at once") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto post = line.begin_post(polling(sid));
  line.abort(get);
  CHECK(log.back() == "1 transport error");
  CHECK(line.response(post) == session_unknown);
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
  CHECK_FALSE(line.wait_ms().has_value());
}

TEST_CASE("an aborted POST closes the session at once, and a pending GET gets the close packet") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  const auto get = line.get(polling(sid));
  const auto post = line.begin_post(polling(sid));
  line.abort(post);
  CHECK(log.back() == "1 transport error");
  CHECK(line.response(get) == "200 1");
  CHECK(line.response(line.get(polling(sid))) == session_unknown);
}

TEST_CASE("a body of bytes is refused, and the session is gone") {
  conversation talk(make_echo);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .gets()
      .begins_post("application/octet-stream")
      .expects_response("400 ")
      .expects_response("200 1", 1)
      .gets()
      .expects_response(session_unknown);
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a POST of a session that closes is answered before its body has come") {
  // After a client's own fault the session is unknown.
  wire line(make_echo());
  std::string sid = open_polling(line);
  auto post = line.begin_post(polling(sid));
  line.get(polling(sid));
  line.get(polling(sid));
  CHECK(line.response(post) == session_unknown);
}

TEST_CASE("a body that arrives when its session is gone does nothing") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  const auto post = line.begin_post(polling(sid));
  line.abort(line.get(polling(sid)));
  log.clear();
  line.core().handle(line.now(), downbeat::input::body_received{post, "4hello"});
  line.core().handle(line.now(), downbeat::input::body_too_large{post});
  line.core().handle(line.now(), downbeat::input::request_aborted{post});
  line.core().handle(line.now(), downbeat::input::body_received{123'456, "4hello"});
  CHECK(log.empty());
  CHECK(std::holds_alternative<downbeat::output::wait_until>(line.core().poll_output()));
}

TEST_CASE("one session's requests do not touch another's") {
  wire line(make_echo());
  const std::string a = open_polling(line);
  const std::string b = open_polling(line);
  const auto get_a = line.get(polling(a));
  const auto get_b = line.get(polling(b));
  line.post(polling(b), "4for b");
  CHECK(line.response(get_a) == "<pending>");
  CHECK(line.response(get_b) == "200 4for b");
  line.post(polling(a), "");
  CHECK(line.response(get_a) == "200 1");
  CHECK(line.response(line.get(polling(b))) == "<pending>");
}
