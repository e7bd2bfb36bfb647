#include "core/socketio/greeting.hpp"
#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::test {
namespace {

using notes = std::vector<std::string>;

/// A client in `/` and in `/custom`, and what the application notes of it from then on.
struct two_namespaces : puppet_stage {
  explicit two_namespaces(transport_kind by = transport_kind::websocket) : client(line, by) {
    client.connect();
    client.connect("/custom");
    app->take_notes();
    line.reports();
  }

  /// Whether a namespace answers.
  bool answers_in_custom() {
    client.send(R"(42/custom,["echo",1])");
    return client.last_message() == R"(42/custom,["echo",1])";
  }

  socketio_client client;
};

const notes both_gone(const std::string& reason) {
  return {"disconnected /: " + reason, "disconnected /custom: " + reason};
}

}  // namespace

TEST_CASE("a client that disconnects from a namespace gets no answer, and keeps the others") {
  const auto* packet = GENERATE("41", "41/", "41/,");
  two_namespaces s(GENERATE(values(all_transports)));
  s.client.send(packet);
  CHECK(s.client.messages().empty());
  CHECK(s.app->take_notes() == notes{"disconnected /: client namespace disconnect"});
  CHECK(s.answers_in_custom());
  CHECK(s.line.measure("sockets") == 1);
  CHECK(s.line.reports().empty());
}

TEST_CASE("a namespace is left with or without its comma, and the main one lives on") {
  const auto* packet = GENERATE("41/custom", "41/custom,");
  two_namespaces s;
  s.client.send(packet);
  CHECK(s.app->take_notes() == notes{"disconnected /custom: client namespace disconnect"});
  s.client.emit("echo", "1");
  CHECK(s.client.messages() == transcript{R"(42["echo",1])"});
}

TEST_CASE("the connection outlives the last namespace") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends("41")
      .expects_messages({"<accepted>", open, greeting})
      .waits(25'000)
      .expects_messages({"2"})
      .sends("3")
      .waits(24'000)
      .sends("40/custom")
      .expects_messages({"40/custom,{*"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("the server disconnects a socket, and its client stays connected elsewhere") {
  two_namespaces s(GENERATE(values(all_transports)));
  s.client.emit("leave");
  CHECK(s.client.messages() == transcript{"41"});
  CHECK(s.app->take_notes() ==
        notes{"received leave", "disconnected /: server namespace disconnect"});
  CHECK(s.answers_in_custom());
  s.client.send(R"(42/custom,["leave"])");
  CHECK(s.client.messages() == transcript{"41/custom,"});
  CHECK(s.client.is_open());
  CHECK(s.line.measure("sockets") == 0);
}

TEST_CASE("the server disconnects a client: DISCONNECT in every namespace, then the close") {
  two_namespaces s(GENERATE(values(all_transports)));
  s.client.emit("expel");
  CHECK(s.client.messages() == transcript{"41", "41/custom,", "<closed>"});
  CHECK(s.app->take_notes() == notes{"received expel",
                                     "disconnected /: server namespace disconnect",
                                     "disconnected /custom: server namespace disconnect"});
  CHECK(s.line.measure("sockets") == 0);
}

TEST_CASE("the server disconnects a client that polls, in the answer to its GET") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{*")
      .posts("40")
      .gets()
      .expects_response("200 40{*")
      .gets()
      .posts(
          "42[\"expel\"]\x1e"
          "42[\"echo\"]")
      .expects_response("200 ok")
      .gets()
      .expects_response("200 1")
      .gets()
      .expects_response("400 {\"code\":1,\"message\":\"Session ID unknown\"}");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("the server closes a connection, and says nothing in its namespaces") {
  two_namespaces s(GENERATE(values(all_transports)));
  s.client.emit("cut");
  CHECK(s.client.messages() == transcript{"<closed>"});
  CHECK(s.app->take_notes() == notes{"received cut", "disconnected /: forced close",
                                     "disconnected /custom: forced close"});
}

TEST_CASE("the application gets the reason why a connection ended, in the words of Socket.IO") {
  two_namespaces s;

  SECTION("the client went away") {
    s.client.vanish();
    CHECK(s.app->take_notes() == both_gone("transport close"));
  }
  SECTION("the client said goodbye to Engine.IO") {
    s.client.send("1");
    CHECK(s.app->take_notes() == both_gone("transport close"));
  }
  SECTION("the client fell silent") {
    s.line.advance(44'999);
    CHECK(s.app->take_notes().empty());
    s.line.advance(1);
    CHECK(s.app->take_notes() == both_gone("ping timeout"));
  }
  SECTION("the client sent a bad Socket.IO packet") {
    s.client.send("42{}");
    CHECK(s.app->take_notes() == both_gone("forced close"));
  }
  SECTION("the client sent a bad Engine.IO packet") {
    s.client.send("9");
    CHECK(s.app->take_notes() == both_gone("parse error"));
  }
  SECTION("the client sent a ping, which is the server's to do") {
    s.client.send("2");
    CHECK(s.app->take_notes() == both_gone("transport error"));
  }
  SECTION("the server shuts down") {
    s.line.shut_down();
    CHECK(s.app->take_notes() == both_gone("server shutting down"));
    CHECK(s.client.messages() == transcript{"<closed>"});
  }
}

TEST_CASE("a client that polls and goes away is gone in all namespaces") {
  two_namespaces s(transport_kind::polling);
  s.client.vanish();
  CHECK(s.app->take_notes() == both_gone("transport error"));
}

TEST_CASE("a socket is gone, and out of its rooms, when the application is notified") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  stage.act(client, [&](const socketio::socket& s) { stage.app->server().join(s, "jam"); });
  CHECK(stage.app->server().find("/", client.id()) != nullptr);
  client.vanish();
  CHECK(stage.app->server().find("/", client.id()) == nullptr);
  CHECK(stage.line.measure("sockets") == 0);
}

}  // namespace downbeat::test
