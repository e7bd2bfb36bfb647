#include "core/socketio/greeting.hpp"
#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::test {
namespace {

const std::string p0 = R"({"_placeholder":true,"num":0})";
const std::string p1 = R"({"_placeholder":true,"num":1})";

}  // namespace

TEST_CASE("an event with attachments comes back with its attachments") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("452-[\"echo\"," + p0 + ",{\"b\":[" + p1 + "]}]",
              {std::string("\0\x01\x1e\xff", 4), ""});
  CHECK(client.messages() == transcript{"452-[\"echo\"," + p0 + ",{\"b\":[" + p1 + "]}]",
                                        "<binary 00011eff>", "<binary >"});
}

TEST_CASE("an event is not handled before its last attachment is there") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends("452-[\"echo\"," + p0 + ',' + p1 + ']')
      .expects_messages({"<accepted>", open, greeting})
      .sends_binary("A")
      .waits(1'000)
      .expects_nothing()
      .sends_binary("B")
      .expects_messages({"452-[\"echo\"," + p0 + ',' + p1 + ']', "<binary 41>", "<binary 42>"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("over polling attachments come in the same payload, or in later ones") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{*")
      .posts("40")
      .gets()
      .expects_response("200 40{*")
      .posts("452-[\"echo\"," + p0 + ',' + p1 +
             "]\x1e"
             "bQQ==\x1e"
             "bQg==")
      .gets()
      .expects_response("200 452-[\"echo\"," + p0 + ',' + p1 +
                        "]\x1e"
                        "bQQ==\x1e"
                        "bQg==")
      .posts("452-[\"echo\"," + p0 + ',' + p1 + ']')
      .posts("bQw==")
      .gets()
      .expects_response("<pending>")
      .posts("bRA==")
      .expects_response("200 ok");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a packet that began over polling is completed on the WebSocket that takes over") {
  puppet_stage stage;
  socketio_client client(stage.line, transport_kind::polling);
  client.connect();
  client.send("452-[\"echo\"," + p0 + ',' + p1 + ']', {"A"});
  client.upgrade();
  client.send_binary("B");
  CHECK(client.messages() ==
        transcript{"452-[\"echo\"," + p0 + ',' + p1 + ']', "<binary 41>", "<binary 42>"});
}

TEST_CASE("a pong between a packet and its attachments does no harm") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("451-[\"echo\"," + p0 + ']');
  stage.line.advance(25'000);
  CHECK(client.messages().empty());  // and so it answers the ping
  client.send_binary("A");
  CHECK(client.messages() == transcript{"451-[\"echo\"," + p0 + ']', "<binary 41>"});
}

TEST_CASE("attachments pair with their packet by order, and their numbers with their places") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("452-[\"echo\"," + p1 + ',' + p0 + ']', {"A", "B"});
  CHECK(client.messages() ==
        transcript{"452-[\"echo\"," + p0 + ',' + p1 + ']', "<binary 42>", "<binary 41>"});
}

TEST_CASE("two places may name the same attachment, and none need name it") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("451-[\"echo\"," + p0 + ',' + p0 + ']', {"A"});
  CHECK(client.messages() ==
        transcript{"452-[\"echo\"," + p0 + ',' + p1 + ']', "<binary 41>", "<binary 41>"});
  client.send("452-[\"echo\"," + p1 + ']', {"A", "B"});
  CHECK(client.messages() == transcript{"451-[\"echo\"," + p0 + ']', "<binary 42>"});
  client.send("451-[\"echo\",1]", {"A"});
  CHECK(client.messages() == transcript{R"(42["echo",1])"});
}

TEST_CASE("a packet without attachments may hold what looks like a placeholder") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("42[\"who-knows\"," + p0 + ']');
  CHECK(client.is_open());
}

TEST_CASE("ten attachments are welcome, eleven end the connection") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("4510-[\"echo\"," + p0 + ']', std::vector<std::string>(10, "x"));
  CHECK(client.messages().size() == 2);
  client.send("4511-[\"echo\"," + p0 + ']');
  CHECK(client.messages() == transcript{"<closed>"});
}

TEST_CASE("a text while attachments are due ends the connection") {
  const auto* text = GENERATE("42[\"echo\"]", "41", "40/custom,", "451-[\"echo\"]", "430[]");
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends("452-[\"echo\"," + p0 + ',' + p1 + ']')
      .sends_binary("A")
      .expects_messages({"<accepted>", open, greeting})
      .sends(text)
      .expects_messages({"<closed 1005>"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("one attachment too many ends the connection, after the event was handled") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("451-[\"echo\"," + p0 + ']', {"A"});
  client.send_binary("B");
  CHECK(client.messages() == transcript{"451-[\"echo\"," + p0 + ']', "<binary 41>", "<closed>"});
}

TEST_CASE("attachments before their packet end the connection") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{*")
      .posts("40")
      .gets()
      .expects_response("200 40{*")
      .posts(
          "bQQ==\x1e"
          "451-[\"echo\"," +
          p0 + ']')
      .expects_response("200 ok")
      .gets()
      .expects_response("200 1");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a placeholder that names no attachment ends the connection, before any has come") {
  const auto* placeholder =
      GENERATE(R"({"_placeholder":true,"num":2})", R"({"_placeholder":true,"num":-1})",
               R"({"_placeholder":true,"num":0.5})", R"({"_placeholder":true,"num":1e0})",
               R"({"_placeholder":true,"num":"0"})", R"({"_placeholder":true,"num":null})",
               R"({"_placeholder":true})", R"({"_placeholder":true,"num":18446744073709551616})",
               R"({"num":0,"\u005fplaceholder":true,"num":9})");
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("452-[\"echo\",{\"a\":[" + p0 + ',' + placeholder + "]}]");
  CHECK(client.messages() == transcript{"<closed>"});
}

TEST_CASE("a packet with attachments for a namespace that was not joined ends the connection") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send("451-/custom,[\"echo\"," + p0 + ']', {"A"});
  CHECK(client.messages() == transcript{"<closed>"});
}

TEST_CASE("attachments come as text to a client that asked for base64") {
  puppet_stage stage;
  socketio_client client(stage.line, transport_kind::websocket, "b64=1");
  client.connect();
  client.send("451-[\"echo\"," + p0 + ']');
  client.send("bQUJD");
  CHECK(client.messages() == transcript{"451-[\"echo\"," + p0 + ']', "<binary 414243>"});
}

TEST_CASE("a connection that is lost between a packet and its attachments leaves nothing behind") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("452-[\"echo\"," + p0 + ',' + p1 + ']', {"A"});
  client.vanish();
  CHECK(stage.line.measure("sockets") == 0);
  CHECK(stage.app->take_notes().size() == 2);
}

}  // namespace downbeat::test
