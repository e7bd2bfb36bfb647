#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace downbeat::test {

TEST_CASE("a socket's id has twenty characters that need no escape anywhere") {
  puppet_stage stage;
  for (int i = 0; i < 100; ++i) {
    socketio_client client(stage.line,
                           i % 2 == 0 ? transport_kind::websocket : transport_kind::polling);
    client.connect();
    CHECK(client.id().size() == 20);
    CHECK(std::all_of(client.id().begin(), client.id().end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    }));
  }
}

TEST_CASE(
    "no two sockets have the same id, in whatever namespaces and however often they connect") {
  puppet_stage stage;
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    socketio_client client(stage.line);
    ids.insert(client.connect().id());
    ids.insert(client.connect("/custom").id());
    client.send("41");
    ids.insert(client.connect().id());
  }
  CHECK(ids.size() == 150);
}

TEST_CASE("the public id says nothing of the private one") {
  puppet_stage stage;
  for (int i = 0; i < 50; ++i) {
    socketio_client client(stage.line);
    client.connect();
    CHECK(client.id() != client.sid());
    // Sixteen characters of each are drawn, from bytes that the other does not see. The rest is a
    // counter, which is no secret.
    for (std::size_t at = 0; at + 4 <= 16; ++at) {
      CHECK(client.sid().find(client.id().substr(at, 4)) == std::string::npos);
    }
  }
}

TEST_CASE("ids differ even if a host's entropy is broken") {
  puppet* app = nullptr;
  const auto core = make_puppet_engine(&app);
  std::set<std::string> ids;
  for (transport_id id = 1; id <= 100; ++id) {
    const request_head head{"EIO=4&transport=websocket", {}, {}, {}};
    core->handle(0, input::websocket_requested{id, head, {}});
    core->handle(0, input::frame_received{id, false, "40"});
  }
  for (;;) {
    const output::any output = core->poll_output();
    if (std::holds_alternative<output::wait_until>(output)) break;
    if (const auto* send = std::get_if<output::send_frame>(&output)) {
      if (send->data.bytes().substr(0, 2) == "40") {
        ids.insert(member_of(send->data.bytes(), "sid"));
      }
    }
  }
  CHECK(ids.size() == 100);
}

TEST_CASE("a socket is found by its id in its namespace, and nowhere else") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect("/custom");
  const socketio::server& server = stage.app->server();
  REQUIRE(server.find("/custom", client.id()) != nullptr);
  CHECK(server.find("/custom", client.id())->id == client.id());
  CHECK(server.find("/", client.id()) == nullptr);
  CHECK(server.find("/custom", client.sid()) == nullptr);
  CHECK(server.find("/custom", "") == nullptr);
}

}  // namespace downbeat::test
