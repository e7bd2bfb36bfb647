#include "core/socketio/greeting.hpp"
#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {
namespace {

const std::string custom_greeting = "40/custom,{\"sid\":\"*";

}  // namespace

TEST_CASE("a CONNECT is answered with an id, and with nothing else") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.send("40");
  const transcript answer = client.messages();
  REQUIRE(answer.size() == 1);
  CHECK(answer[0] == R"(40{"sid":")" + member_of(answer[0], "sid") + "\"}");
  CHECK(stage.app->take_notes() == std::vector<std::string>{"connected /"});
  CHECK(stage.line.measure("sockets") == 1);
}

TEST_CASE("the application gets what the client gave when it connected, or an empty object") {
  const auto [packet, auth] = GENERATE(table<std::string, std::string>({
      {"40", "{}"},
      {"40/", "{}"},
      {"40/,", "{}"},
      {"40{}", "{}"},
      {R"(40{"token":"abc","n":[1,{"x":null}]})", R"({"token":"abc","n":[1,{"x":null}]})"},
      {R"(40/,{ "b" : 12345678901234567890, "a" : "\u0041™" })",
       R"({"b":12345678901234567890,"a":"\u0041™"})"},
  }));
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends(packet)
      .expects_messages({"<accepted>", open, greeting})
      .sends(R"(42["auth"])")
      .expects_messages({R"(42["auth",)" + auth + ']'});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a CONNECT with a payload that is no object ends the connection") {
  const auto* payload = GENERATE("[]", "[{}]", "\"token\"", "null", "true", "{", "{}{}");
  const auto* nsp = GENERATE("", "/,", "/custom,");
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends(std::string("40") + nsp + payload)
      .expects_messages({"<accepted>", open, "<closed 1005>"});
  talk.run();
}

TEST_CASE("a namespace may be written with or without its comma, in any letters") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40/custom")
      .expects_messages({"<accepted>", open, custom_greeting})
      .sends("40/admin™,")
      .expects_messages({"40/admin™,{\"sid\":\"*"})
      .sends(R"(42/admin™,["echo","é"])")
      .expects_messages({R"(42/admin™,["echo","é"])"})
      .sends(R"(42/custom,["echo",1])")
      .expects_messages({R"(42/custom,["echo",1])"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a CONNECT to a namespace that does not exist is refused, and the connection lives on") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("40/unknown");
  client.send("40/unknown,{\"token\":1}");
  client.send("40/Custom,");
  client.send("40/custom/,");
  CHECK(client.messages() == transcript{R"(44/unknown,{"message":"Invalid namespace"})",
                                        R"(44/unknown,{"message":"Invalid namespace"})",
                                        R"(44/Custom,{"message":"Invalid namespace"})",
                                        R"(44/custom/,{"message":"Invalid namespace"})"});
  client.emit("echo", "1");
  CHECK(client.messages() == transcript{R"(42["echo",1])"});
  CHECK(stage.line.measure("sockets") == 1);
}

TEST_CASE("the application may refuse a CONNECT, with data or without, as often as it is tried") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .expects_messages({"<accepted>", open})
      .sends("40/no,")
      .expects_messages({R"(44/no,{"message":"denied","data":{"code":"E_AUTH","n":1}})"})
      .sends("40/never,{}")
      .expects_messages({R"(44/never,{"message":"\"never\""})"})
      .sends("40/no")
      .expects_messages({R"(44/no,{"message":"denied","data":{"code":"E_AUTH","n":1}})"})
      .sends("40/custom,")
      .expects_messages({custom_greeting});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a refused client is in no namespace: its events end the connection") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40/no,")
      .sends("42/no,[\"echo\"]")
      .expects_messages({"<accepted>", open, "44/no,*", "<closed 1005>"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("an event before the CONNECT ends the connection") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{*")
      .posts(
          "42[\"echo\",1]\x1e"
          "40")
      .expects_response("200 ok")
      .gets()
      .expects_response("200 1");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("events in the same payload as the CONNECT are handled after it") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{*")
      .posts(
          "40\x1e"
          "42[\"echo\",1]\x1e"
          "41\x1e"
          "40\x1e"
          "42[\"echo\",2]")
      .gets()
      .expects_response("200 40{\"sid\":*");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("a second CONNECT to a namespace ends the connection") {
  const auto* again = GENERATE("40", "40/", "40/,{}", "40/custom,", "40/custom");
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends("40/custom,")
      .expects_messages({"<accepted>", open, greeting, custom_greeting})
      .sends(again)
      .expects_messages({"<closed 1005>"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("after a DISCONNECT a client may connect to the namespace again, under a new id") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  const std::string first = client.id();
  client.send("41");
  CHECK(client.messages().empty());
  client.connect();
  CHECK(client.id() != first);
  client.emit("echo", "1");
  CHECK(client.messages() == transcript{R"(42["echo",1])"});
  CHECK(stage.line.measure("sockets") == 1);
  CHECK(stage.app->take_notes() ==
        std::vector<std::string>{"connected /", "disconnected /: client namespace disconnect",
                                 "connected /", "received echo"});
}

TEST_CASE("after a DISCONNECT an event is not welcome until the next CONNECT") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends("41")
      .expects_messages({"<accepted>", open, greeting})
      .sends("42[\"echo\"]")
      .expects_messages({"<closed 1005>"});
  talk.run();
  talk.run_failing_at_every_step();
}

}  // namespace downbeat::test
