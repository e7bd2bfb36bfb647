#include "engineio/packet.hpp"

#include "peers.hpp"
#include "support/conversation.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;
using namespace downbeat::engineio;

TEST_CASE("a packet is a digit from 0 to 6 and its data") {
  std::string decoded;
  for (int type = 0; type <= 6; ++type) {
    const std::string text = std::to_string(type) + "data";
    const auto read = decode_text(text, decoded);
    REQUIRE(read);
    CHECK(static_cast<int>(read->type) == type);
    CHECK_FALSE(read->is_binary);
    CHECK(read->data == "data");
    CHECK(encode_packet(read->type, read->data).bytes() == text);
  }
}

TEST_CASE("a packet may have no data") {
  std::string decoded;
  const auto read = decode_text("4", decoded);
  REQUIRE(read);
  CHECK(read->type == packet_type::message);
  CHECK(read->data.empty());
}

TEST_CASE("b and base64 are a binary message") {
  std::string decoded;
  const auto read = decode_text("bAQID", decoded);
  REQUIRE(read);
  CHECK(read->type == packet_type::message);
  CHECK(read->is_binary);
  CHECK(read->data == "\x01\x02\x03");
  CHECK(decode_text("b", decoded)->data.empty());
  CHECK(encode_binary_as_text("\x01\x02\x03") == "bAQID");
  CHECK(encode_binary_as_text("") == "b");
}

TEST_CASE("anything else is no packet") {
  std::string decoded;
  for (const std::string text :
       {"", "7", "8", "9", "/", ":", "a", "B", "-1", " 4", "b*", "b=", "bA"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_text(text, decoded));
  }
  CHECK_FALSE(decode_text(std::string_view("\0", 1), decoded));
}

TEST_CASE("a text message is encoded with its digit") {
  CHECK(encode_message("hi") == downbeat::frame::text("4hi"));
  CHECK(encode_message("") == downbeat::frame::text("4"));
}

TEST_CASE("messages go both ways over a WebSocket, text with its digit and bytes as they are") {
  conversation talk(make_echo);
  talk.opens_websocket()
      .expects_messages({"<accepted>", "0{\"sid\":\"*"})
      .sends("4hello")
      .expects_messages({"4hello"})
      .sends("4")
      .expects_messages({"4"})
      .sends_binary("\x01\xff")
      .expects_messages({"<binary 01ff>"})
      .sends_binary("")
      .expects_messages({"<binary >"})
      .sends("bAQID")
      .expects_messages({"<binary 010203>"})
      .sends("4\xe2\x82\xac")
      .expects_messages({"4\xe2\x82\xac"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a WebSocket with b64=1 gets bytes as text and may send them either way") {
  conversation talk(make_echo);
  talk.opens_websocket("EIO=4&transport=websocket&b64=1")
      .expects_messages({"<accepted>", "0{\"sid\":\"*"})
      .sends("bAQID")
      .expects_messages({"bAQID"})
      .sends_binary("\x01\xff")
      .expects_messages({"bAf8="})
      .sends("4text")
      .expects_messages({"4text"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("only b64=1 asks for base64") {
  wire line(make_echo());
  const auto peer = open_websocket(line, "EIO=4&transport=websocket&b64=0");
  line.receive_binary(peer, "\x01");
  CHECK(line.sent(peer) == transcript{"<binary 01>"});
}

TEST_CASE("after an upgrade it is the WebSocket's own query that asks for base64") {
  wire line(make_echo());
  // A client whose requests cannot carry bytes asks for base64 on polling alone.
  const std::string a = member_of(line.response(line.get("EIO=4&transport=polling&b64=1")), "sid");
  auto peer = upgrade(line, a);
  line.receive_binary(peer, "\x01");
  CHECK(line.sent(peer) == transcript{"<binary 01>"});

  const std::string b = open_polling(line);
  peer = upgrade(line, b, "&b64=1");
  line.receive_binary(peer, "\x01");
  CHECK(line.sent(peer) == transcript{"bAQ=="});

  // A WebSocket that did not take over has no say.
  const std::string c = open_polling(line);
  line.lose(line.open_websocket(websocket(c) + "&b64=1"));
  peer = upgrade(line, c);
  line.receive_binary(peer, "\x01");
  CHECK(line.sent(peer) == transcript{"<binary 01>"});

  line.open_websocket(websocket(c) + "&b64=1");
  line.receive_binary(peer, "\x02");
  CHECK(line.sent(peer) == transcript{"<binary 02>"});
}

TEST_CASE("a text message that is no packet closes the WebSocket") {
  for (const std::string text : {"", "x", "7", "b!", "bA", " 4"}) {
    CAPTURE(text);
    transcript log;
    wire line(make_echo_with({}, &log));
    const auto peer = open_websocket(line);
    line.receive(peer, text);
    CHECK(line.sent(peer) == transcript{"<closed 1005>"});
    CHECK(log.back() == "1 parse error");
    CHECK_FALSE(line.wait_ms().has_value());
  }
}

TEST_CASE("a client's ping closes the WebSocket") {
  for (const std::string text : {"2", "2probe"}) {
    transcript log;
    wire line(make_echo_with({}, &log));
    const auto peer = open_websocket(line);
    line.receive(peer, text);
    CHECK(line.sent(peer) == transcript{"<closed 1005>"});
    CHECK(log.back() == "1 transport error");
  }
}

TEST_CASE("text that is not UTF-8 closes the WebSocket with 1007") {
  for (const std::string text : {"4\xff", "\xff", "4\xc3", "4\xed\xa0\x80", "4\xc0\x80", "b\x80"}) {
    CAPTURE(text);
    transcript log;
    wire line(make_echo_with({}, &log));
    const auto peer = open_websocket(line);
    line.receive(peer, text);
    CHECK(line.sent(peer) == transcript{"<closed 1007>"});
    CHECK(log.back() == "1 parse error");
  }
}

TEST_CASE("packets that a client never sends are ignored on a WebSocket") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  for (const std::string_view text : {"0", "0{}", "3", "3probe", "5", "6", "6x"}) {
    line.receive(peer, text);
    CHECK(line.sent(peer).empty());
  }
  line.receive(peer, "4still here");
  CHECK(line.sent(peer) == transcript{"4still here"});
}

TEST_CASE("what breaks the protocol is reported with the peer's address") {
  wire line(make_echo());
  const auto peer = open_websocket(line);
  line.receive(peer, "x");
  const auto reports = line.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].what == downbeat::notice::kind::protocol_error);
  CHECK(reports[0].reason == "parse error");
  CHECK(reports[0].address == "192.0.2.1");
}
