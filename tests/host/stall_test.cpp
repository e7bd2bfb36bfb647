// A server that was stopped for a while (SIGSTOP, a suspended machine): data that its clients sent
// in time is handled before any timeout.
#include "host/more_files.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;
using host::opcode;

namespace {

/// An echo that blocks its event loop on request, until it is released.
class stalling final : public engineio::application {
 public:
  struct switches {
    std::promise<void> is_stalled;
    std::promise<void> may_go_on;
  };

  stalling(engineio::server& server, switches& its) : server_(server), switches_(its) {}

  void opened(instant_ms, engineio::connection_id, const engineio::handshake&) override {}
  void received(instant_ms, engineio::connection_id connection, bool,
                std::string_view data) override {
    if (data == "stall") {
      switches_.is_stalled.set_value();
      switches_.may_go_on.get_future().wait();
    }
    server_.send(connection, engineio::encode_message(std::string(data)));
  }
  void closed(instant_ms, engineio::connection_id, engineio::close_reason) override {}
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  engineio::server& server_;
  switches& switches_;
};

}  // namespace

TEST_CASE("after a stall all pongs are read before any is found too late, however many they are") {
  // More than the loop is told of at once. Both ends are here, and select(2) has room for 1,024.
  constexpr std::size_t count = 480;
  const more_files files;
  engineio::options engineio;
  engineio.ping_interval_ms = 200;
  engineio.ping_timeout_ms = 6'000;
  stalling::switches its;
  std::vector<std::unique_ptr<engine>> cores;
  cores.push_back(
      std::make_unique<engine>(engineio, [&its](engineio::server& server, output_queue&) {
        return std::make_unique<stalling>(server, its);
      }));
  running_server server({}, std::move(cores));

  std::vector<peer> peers;
  while (peers.size() < count) {
    constexpr std::size_t at_once = 50;
    const std::size_t before = peers.size();
    for (std::size_t i = 0; i < at_once; ++i) {
      peers.emplace_back(server.port());
      peers.back().send(websocket_handshake("EIO=4&transport=websocket"));
    }
    for (std::size_t i = before; i < peers.size(); ++i) {
      REQUIRE(peers[i].read_reply().status == 101);
      REQUIRE(peers[i].read_frame().data.starts_with("0{"));
    }
    // On a busy machine all the others take longer to come than one may take for a pong.
    for (peer& p : peers) {
      while (!p.is_silent(0)) {
        REQUIRE(p.read_frame().data == "2");
        p.send_frame(opcode::text, "3");
      }
    }
  }
  // The server has sent a ping to all of them.
  for (peer& p : peers) REQUIRE(p.read_frame().data == "2");
  const auto asked = std::chrono::steady_clock::now();
  peers.front().send_frame(opcode::text, "4stall");
  its.is_stalled.get_future().wait();
  // They answer in time, but the server handles the answers only after the timeout.
  for (peer& p : peers) p.send_frame(opcode::text, "3");
  std::this_thread::sleep_until(asked + std::chrono::milliseconds(6'100));
  its.may_go_on.set_value();
  for (std::size_t i = 0; i < count; ++i) {
    INFO(i);
    peers[i].send_frame(opcode::text, "4still here");
    for (;;) {
      const auto heard = peers[i].read_frame();
      if (heard.data == "4still here") break;
      REQUIRE((heard.data == "2" || heard.data == "4stall"));
      peers[i].send_frame(opcode::text, "3");
    }
  }
}
