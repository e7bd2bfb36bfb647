// Connection state recovery of the conformance server, where it takes minutes. Everything else is
// compared with the reference server in tests/conformance.

#include "conformance/recovery_application.hpp"
#include "engine.hpp"
#include "stack/socketio_over_engineio.hpp"
#include "support/socketio_client.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::test {
namespace {

constexpr std::int64_t two_minutes_ms = 120'000;

struct state_recovery_stage {
  state_recovery_stage() : line(make_engine()) {}

  std::unique_ptr<engine> make_engine() {
    socketio::options options;
    options.recovers = true;
    return std::make_unique<engine>(
        engineio::options{},
        socketio_over_engineio(options, [this](socketio::server& made, output_queue&) {
          server = &made;
          return std::make_unique<conformance::recovery_application>(made, two_minutes_ms);
        }));
  }

  /// Lets time pass in small steps, so that the client answers its pings.
  void advance(std::int64_t ms, socketio_client& client) {
    for (; ms > 0; ms -= 10'000) {
      line.advance(std::min<std::int64_t>(ms, 10'000));
      client.messages();
    }
  }

  socketio::server* server = nullptr;
  wire line;
};

/// The offset of an event: the text at its end.
std::string offset_of(const std::string& event) {
  const auto end = event.size() - 2;
  const auto begin = event.rfind('"', end - 1) + 1;
  return event.substr(begin, end - begin);
}

/// Connects, and returns the offset of the greeting.
std::string connect(socketio_client& client) {
  client.connect();
  return offset_of(client.last_message());
}

/// Whether a new connection recovers the socket of a client.
bool recovers(state_recovery_stage& stage, const socketio_client& before,
              const std::string& offset) {
  socketio_client again(stage.line);
  again.send(R"(40{"pid":")" + before.pid() + R"(","offset":")" + offset + "\"}");
  const std::string answer =
      R"(40{"sid":")" + before.id() + R"(","pid":")" + before.pid() + R"("})";
  const transcript received = again.messages();
  return std::count(received.begin(), received.end(), answer) == 1;
}

}  // namespace

TEST_CASE("a lost socket can be recovered up to the last millisecond of two minutes") {
  for (const std::int64_t late : {0, 1}) {
    state_recovery_stage stage;
    socketio_client client(stage.line);
    const std::string offset = connect(client);
    client.vanish();
    stage.line.advance(two_minutes_ms + late);
    CHECK(recovers(stage, client, offset) == (late == 0));
  }
}

TEST_CASE("a lost socket is removed in the minute after it has expired") {
  state_recovery_stage stage;
  socketio_client client(stage.line);
  connect(client);
  stage.advance(30'000, client);
  const auto number = stage.server->find("/", client.id())->number;
  client.vanish();
  // There is a sweep each minute from the first CONNECT on.
  stage.line.advance(149'999);
  CHECK(stage.server->is_kept(number));
  stage.line.advance(1);
  CHECK_FALSE(stage.server->is_kept(number));
}

TEST_CASE("the offset of an event that was removed is unknown") {
  for (const bool is_removed : {false, true}) {
    state_recovery_stage stage;
    socketio_client client(stage.line);
    const std::string offset = connect(client);
    // The event is two minutes old by the second sweep, and older by the third.
    stage.advance(is_removed ? 180'000 : 179'000, client);
    client.vanish();
    CHECK(recovers(stage, client, offset) == !is_removed);
  }
}

TEST_CASE("a connected socket stays when the session of an earlier loss has expired") {
  state_recovery_stage stage;
  socketio_client client(stage.line);
  const std::string offset = connect(client);
  client.vanish();
  socketio_client again(stage.line);
  again.send(R"(40{"pid":")" + client.pid() + R"(","offset":")" + offset + "\"}");
  stage.advance(300'000, again);
  again.emit("message", "1");
  const std::string back = again.last_message();
  CHECK(back.substr(0, 20) == R"(42["message-back",1,)");
  again.vanish();
  CHECK(recovers(stage, client, offset_of(back)));
}

TEST_CASE("a later client takes over a socket that was recovered before") {
  state_recovery_stage stage;
  socketio_client client(stage.line);
  const std::string offset = connect(client);
  client.vanish();
  socketio_client second(stage.line);
  second.send(R"(40{"pid":")" + client.pid() + R"(","offset":")" + offset + "\"}");
  REQUIRE(second.is_open());
  CHECK(recovers(stage, client, offset));
  CHECK_FALSE(second.is_open());
}

}  // namespace downbeat::test
