// What Socket.IO expects of whatever carries it, shown with one that only takes notes.

#include "socketio/transport.hpp"

#include "socketio/server.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {
namespace {

class notebook final : public socketio::transport {
 public:
  [[nodiscard]] std::string_view prefix() const override { return {}; }
  void send(socketio::client_id, const frame& message) override {
    notes.push_back(message.bytes());
  }
  void close(socketio::client_id) override { notes.emplace_back("close"); }
  void move(socketio::client_id, shard_index) override { notes.emplace_back("move"); }
  void reject(socketio::client_id, std::string_view what) override {
    notes.push_back("reject: " + std::string(what));
  }

  std::vector<std::string> notes;
};

}  // namespace

TEST_CASE("what a transport still delivers after a breach is not looked at") {
  notebook below;
  socketio::server server({}, below);
  puppet app(server);
  server.attach(app);
  server.opened(0, 1, {}, {}, {});
  server.received(0, 1, false, "0");
  server.received(0, 1, false, R"(2[null])");
  server.received(0, 1, false, R"(2["echo"])");
  server.received(0, 1, true, "x");
  server.received(0, 1, false, "2{}");
  REQUIRE(below.notes.size() == 2);
  CHECK(below.notes[1] == "reject: invalid payload");
  CHECK(app.take_notes() == std::vector<std::string>{"connected /"});
  server.closed(0, 1, "forced close");
  CHECK(app.take_notes() == std::vector<std::string>{"disconnected /: forced close"});
  CHECK_FALSE(server.next_deadline());
}

TEST_CASE("a reason to close is the transport's to give") {
  notebook below;
  socketio::server server({}, below);
  puppet app(server);
  server.attach(app);
  server.opened(0, 7, {}, {}, {});
  server.received(0, 7, false, "0/custom,");
  server.closed(0, 7, "any reason");
  CHECK(app.take_notes() ==
        std::vector<std::string>{"connected /custom", "disconnected /custom: any reason"});
}

}  // namespace downbeat::test
