// A WebSocket migrates to another loop in the middle of what its client has sent in one piece.

#include "migration.hpp"

#include "engine.hpp"
#include "engineio/application.hpp"
#include "engineio/packet.hpp"
#include "engineio/server.hpp"
#include "host/client_frames.hpp"
#include "host/comes_to.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {
namespace {

using host::opcode;

constexpr shard_index moving_loops = 2;

struct nothing final : migrated_state {
  [[nodiscard]] std::string write() const override { return "{}"; }
};

/// Answers with what it received and its shard. A client that sends "move" migrates to the other
/// shard.
class moving final : public engineio::application {
 public:
  moving(engineio::server& server, shard_index here) : server_(server), here_(here) {}

  void opened(instant_ms, engineio::connection_id, const engineio::handshake&) override {}
  void received(instant_ms, engineio::connection_id connection, bool,
                std::string_view data) override {
    if (data == "move") return server_.move(connection, 1 - here_);
    server_.send(connection,
                 engineio::encode_message(std::to_string(here_) + ' ' + std::string(data)));
  }
  void closed(instant_ms, engineio::connection_id, engineio::close_reason) override {}
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  std::unique_ptr<migrated_state> detach(instant_ms, engineio::connection_id) override {
    return std::make_unique<nothing>();
  }
  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  engineio::server& server_;
  shard_index here_;
};

std::vector<std::unique_ptr<engine>> moving_in_shards() {
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < moving_loops; ++i) {
    cores.push_back(std::make_unique<engine>(
        engineio::options{},
        [i](engineio::server& server, output_queue&) {
          return std::make_unique<moving>(server, i);
        },
        shard{i, moving_loops}));
  }
  return cores;
}

}  // namespace

TEST_CASE("what a peer sends right behind the cause of its migration arrives in the other loop") {
  running_server server({}, moving_in_shards());
  peer ada = peer::websocket(server.port());
  REQUIRE(ada.read_frame().data.starts_with("0{"));
  ada.send_frame(opcode::text, "4where");
  const std::string first = ada.read_frame().data;
  const std::string here = first.substr(1, 1);
  const std::string there = here == "0" ? "1" : "0";
  REQUIRE(first == "4" + here + " where");
  for (int round = 0; round < 20; ++round) {
    std::string said;
    for (const char* const text : {"4before", "4move", "4between", "4move", "4behind"}) {
      said += client_frame(opcode::text, text);
    }
    // Half of a frame, whose other half is sent after the migration.
    const std::string last = client_frame(opcode::text, "4in two halves");
    ada.send(said + last.substr(0, 7));
    CHECK(ada.read_frame().data == "4" + here + " before");
    CHECK(ada.read_frame().data == "4" + there + " between");
    CHECK(ada.read_frame().data == "4" + here + " behind");
    ada.send(last.substr(7));
    CHECK(ada.read_frame().data == "4" + here + " in two halves");
  }
  CHECK(comes_to(server, "downbeat_websockets 1"));
}

TEST_CASE("a peer that hangs up right behind the cause of its move is gone in both loops") {
  running_server server({}, moving_in_shards());
  for (int round = 0; round < 20; ++round) {
    peer ada = peer::websocket(server.port());
    REQUIRE(ada.read_frame().data.starts_with("0{"));
    ada.send(client_frame(opcode::text, "4move") + client_frame(opcode::close, ""));
    CHECK(ada.read_frame().code == opcode::close);
    CHECK(ada.is_closed_by_server());
  }
  CHECK(comes_to(server, "downbeat_websockets 0"));
  CHECK(comes_to(server, "downbeat_connections_websocket 0"));
}

}  // namespace downbeat::test
