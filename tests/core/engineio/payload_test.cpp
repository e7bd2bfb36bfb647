#include "engineio/payload.hpp"

#include "engineio/packet.hpp"
#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace downbeat::test;
using downbeat::frame;
using downbeat::engineio::encode_payload;
using downbeat::engineio::split_payload;

TEST_CASE("a payload joins packets with record separators, and bytes as base64") {
  CHECK(encode_payload({}).empty());
  CHECK(encode_payload({frame::text("4a")}) == "4a");
  CHECK(encode_payload({frame::text("4a"), frame::text("2"), frame::binary("\x01\x02\x03")}) ==
        "4a\x1e"
        "2\x1e"
        "bAQID");
  CHECK(encode_payload({frame::binary("\xff"), frame::binary("")}) ==
        "b/w==\x1e"
        "b");
}

TEST_CASE("a payload is split at every record separator") {
  using parts = std::vector<std::string_view>;
  CHECK(split_payload("") == parts{""});
  CHECK(split_payload("4a") == parts{"4a"});
  CHECK(split_payload("4a\x1e"
                      "4b") == parts{"4a", "4b"});
  CHECK(split_payload("4a\x1e") == parts{"4a", ""});
  CHECK(split_payload("\x1e\x1e") == parts{"", "", ""});
}

TEST_CASE("what a payload carries comes in order and as it was") {
  transcript log;
  wire line(make_echo_with({}, &log));
  const std::string sid = open_polling(line);
  line.post(polling(sid),
            "4one\x1e"
            "4\x1e"
            "bAP8=\x1e"
            "4\xc3\xa9\x1e"
            "b\x1e"
            "6\x1e"
            "4 two\n");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 4one\x1e"
        "4\x1e"
        "bAP8=\x1e"
        "4\xc3\xa9\x1e"
        "b\x1e"
        "4 two\n");
}

TEST_CASE("base64 without its padding is understood, and answered with it") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  line.post(polling(sid),
            "bAP8\x1e"
            "b/w");
  CHECK(line.response(line.get(polling(sid))) ==
        "200 bAP8=\x1e"
        "b/w==");
}

TEST_CASE("a payload that holds anything but packets is ok and closes the session") {
  for (const std::string_view body : {"", "\x1e", "4a\x1e",
                                      "\x1e"
                                      "4a",
                                      "4a\x1e\x1e"
                                      "4b",
                                      "x", "7",
                                      "4a\x1e"
                                      "x",
                                      "b!", "bA", "bAQID=", "b=", "4\xff", "4\xc3",
                                      "4a\x1e"
                                      "4\xed\xa0\x80",
                                      "\xff", " 4a", "2", "2probe"}) {
    CAPTURE(body);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    const auto get = line.get(polling(sid));
    const auto post = line.post(polling(sid), body);
    CHECK(line.response(post) == "200 ok");
    const bool has_echo = body.substr(0, 3) == "4a\x1e";
    CHECK(line.response(get) == (has_echo ? "200 4a\x1e"
                                            "1"
                                          : "200 1"));
    CHECK(line.response(line.get(polling(sid))) == session_unknown);
    CHECK_FALSE(line.wait_ms().has_value());
  }
}

TEST_CASE("a session that a payload closes without a pending GET is gone too") {
  for (const std::string_view body : {"", "2", "x", "1"}) {
    CAPTURE(body);
    wire line(make_echo());
    const std::string sid = open_polling(line);
    CHECK(line.response(line.post(polling(sid), body)) == "200 ok");
    CHECK(line.response(line.get(polling(sid))) == session_unknown);
  }
}

TEST_CASE("nothing in a payload counts behind what closes the session") {
  for (const std::string_view end : {"1", "2", "x", "", "4close"}) {
    CAPTURE(end);
    transcript log;
    wire line(make_echo_with({}, &log));
    const std::string sid = open_polling(line);
    line.post(polling(sid), "4before\x1e" + std::string(end) +
                                "\x1e"
                                "4after");
    for (const std::string& told : log) CHECK(told != "1 got after");
    CHECK(log.at(1) == "1 got before");
  }
}

TEST_CASE("packets that a client never sends are ignored on polling") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  for (const std::string_view body : {"0", "0{\"sid\":\"x\"}", "3", "3probe", "5", "6", "6noop"}) {
    CAPTURE(body);
    CHECK(line.response(line.post(polling(sid), body)) == "200 ok");
    const auto get = line.get(polling(sid));
    CHECK(line.response(get) == "<pending>");
    line.post(polling(sid), "4still here");
    CHECK(line.response(get) == "200 4still here");
  }
}
