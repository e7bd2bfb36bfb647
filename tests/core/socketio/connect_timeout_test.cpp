// Whoever opens a connection has to join a namespace in time.

#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::test {
namespace {

socketio::options timeout_of(std::int64_t ms) {
  socketio::options options;
  options.connect_timeout_ms = ms;
  return options;
}

}  // namespace

TEST_CASE("a client that joins no namespace is closed 45 s after it has opened, to the ms") {
  const transport_kind by = GENERATE(transport_kind::websocket, transport_kind::polling);
  puppet_stage stage;
  stage.line.advance(1'234);
  socketio_client client(stage.line, by);
  stage.line.advance(25'000);
  CHECK(client.messages().empty());  // the ping was answered
  stage.line.advance(19'999);
  CHECK(client.is_open());
  stage.line.advance(1);
  CHECK(client.messages() == transcript{"<closed>"});
  const auto reports = stage.line.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == "connect timeout");
  CHECK(stage.app->take_notes().empty());
}

TEST_CASE("the time to join a namespace can be set, and the engine asks to be woken then") {
  puppet_stage stage(timeout_of(1'000));
  socketio_client client(stage.line);
  CHECK(stage.line.wait_ms() == 1'000);
  stage.line.advance(999);
  CHECK(client.is_open());
  stage.line.advance(1);
  CHECK_FALSE(client.is_open());
  CHECK_FALSE(stage.line.wait_ms());
}

TEST_CASE("neither pongs nor an upgrade buy more time to join a namespace") {
  puppet_stage stage(timeout_of(60'000));
  socketio_client client(stage.line, transport_kind::polling);
  for (int second = 0; second < 30; ++second) {
    stage.line.advance(1'000);
    CHECK(client.is_open());
  }
  client.upgrade();
  stage.line.advance(29'899);  // the upgrade took 100 ms
  CHECK(client.is_open());
  stage.line.advance(1);
  CHECK_FALSE(client.is_open());
}

TEST_CASE("a refused CONNECT buys no time either") {
  const auto* refused = GENERATE("40/no,", "40/never,", "40/unknown");
  puppet_stage stage(timeout_of(1'000));
  socketio_client client(stage.line);
  stage.line.advance(900);
  client.send(refused);
  CHECK(client.messages().size() == 1);
  stage.line.advance(99);
  CHECK(client.is_open());
  stage.line.advance(1);
  CHECK(client.messages() == transcript{"<closed>"});
}

TEST_CASE("a CONNECT at the last moment is in time") {
  puppet_stage stage(timeout_of(1'000));
  socketio_client client(stage.line);
  stage.line.advance(999);
  client.connect("/custom");
  stage.line.advance(20'000);
  CHECK(client.is_open());
}

TEST_CASE("once a namespace was joined there is no time-out, also after leaving it") {
  const auto* last_packet = GENERATE("41", "42[\"leave\"]");
  puppet_stage stage(timeout_of(1'000));
  socketio_client client(stage.line);
  client.connect();
  client.send(last_packet);
  for (int i = 0; i < 10; ++i) {
    stage.line.advance(20'000);
    CHECK(client.is_open());
  }
  client.connect();
  client.emit("echo");
  CHECK(client.messages() == transcript{R"(42["echo"])"});
}

TEST_CASE("every connection has its own time") {
  puppet_stage stage(timeout_of(1'000));
  socketio_client first(stage.line);
  stage.line.advance(400);
  socketio_client second(stage.line);
  socketio_client third(stage.line);
  third.connect();
  stage.line.advance(600);
  CHECK_FALSE(first.is_open());
  CHECK(second.is_open());
  CHECK(stage.line.wait_ms() == 400);
  stage.line.advance(400);
  CHECK_FALSE(second.is_open());
  CHECK(third.is_open());
}

TEST_CASE("a client that goes away before its time is not closed twice") {
  puppet_stage stage(timeout_of(1'000));
  socketio_client client(stage.line);
  client.vanish();
  CHECK_FALSE(stage.line.wait_ms());
  stage.line.advance(10'000);
  CHECK(stage.line.reports().empty());
}

TEST_CASE("a client whose ping and CONNECT run out in the same millisecond is closed once") {
  puppet_stage stage;  // 25 s to the ping, 20 s to the pong, 45 s to the CONNECT
  const transport_id silent = stage.line.open_websocket();
  stage.line.advance(45'000);
  const transcript sent = stage.line.sent(silent);
  REQUIRE(sent.size() == 4);
  CHECK(sent[2] == "2");
  CHECK(sent[3] == "<closed 1005>");
  CHECK(stage.line.reports().size() <= 1);
}

}  // namespace downbeat::test
