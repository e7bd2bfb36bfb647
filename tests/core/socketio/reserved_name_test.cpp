#include "core/socketio/greeting.hpp"
#include "socketio/packet.hpp"
#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace downbeat::test {

TEST_CASE("the six names that Socket.IO keeps for itself are known, and no others") {
  for (const auto* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener",
                           "removeListener"}) {
    CHECK(socketio::is_reserved_event(name));
  }
  for (const auto* name : {"error", "", "Connect", "connection", "connecting", "reconnect", "ping",
                           "pong", "message", "newlistener", "disconnect "}) {
    CHECK_FALSE(socketio::is_reserved_event(name));
  }
}

TEST_CASE("a client that emits a reserved name is closed, however the name is spelled") {
  const auto* name = GENERATE(
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
      R"(\u0063onnect)", R"(c\u006Fnnect\u005ferror)", R"(disconnec\u0074)", R"(\u006eewListener)");
  const std::string event = std::string("[\"") + name + "\",1]";
  const auto* type = GENERATE("42", "421", "42/,", "451-");
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .expects_messages({"<accepted>", "0{*", greeting})
      .sends(type + event)
      .expects_messages({"<closed 1005>"});
  talk.run();
}

TEST_CASE("a name that only looks reserved is an event like any other") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send(R"(42["connect\\"])");
  client.send(R"(42["\\u0063onnect"])");
  client.send(R"(42["connect\u0000"])");
  client.send(R"(42["\ud800"])");
  client.emit("echo", R"("connect")");
  CHECK(client.messages() == transcript{R"(42["echo","connect"])"});
}

TEST_CASE("an event may be called error, in both directions") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send(R"(427["error",{"a":1}])");
  CHECK(stage.app->take_notes() == std::vector<std::string>{"connected /", "received error"});
  stage.act(client, [&](const socketio::socket& s) {
    stage.app->server().emit(s, {R"(["error",{"message":"Session not found"}])", {}});
    stage.app->server().emit_with_ack(s, {R"(["error"])", {}});
  });
  CHECK(client.messages() ==
        transcript{R"(42["error",{"message":"Session not found"}])", R"(420["error"])"});
}

}  // namespace downbeat::test
