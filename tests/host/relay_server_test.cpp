// A server with several event loops and the messages of other nodes.
#include "engineio/application.hpp"
#include "host/comes_to.hpp"
#include "host/peer.hpp"
#include "host/relay_nodes.hpp"
#include "host/running_server.hpp"
#include "host/test_redis.hpp"
#include "session/canonical_code.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {
namespace {

using host::opcode;

constexpr shard_index relaying_loops = 3;
constexpr node_id here = 21;
constexpr node_id elsewhere = 22;

/// What the engines of all loops have heard, each as `LOOP MESSAGE`.
struct diary {
  std::mutex mutex;
  std::vector<std::string> lines;
};

/// Sends what clients say to the other node, and writes down what comes from there.
class relaying final : public engineio::application {
 public:
  relaying(output_queue& outputs, shard_index loop, diary& into)
      : outputs_(outputs), loop_(loop), diary_(into) {}

  void opened(instant_ms, engineio::connection_id, const engineio::handshake&) override {}
  void received(instant_ms, engineio::connection_id, bool, std::string_view data) override {
    outputs_.push(output::relay{{elsewhere}, std::string(data)});
  }
  void closed(instant_ms, engineio::connection_id, engineio::close_reason) override {}
  void relay_received(instant_ms, const input::relay_received& what) override {
    const std::lock_guard lock(diary_.mutex);
    diary_.lines.push_back(std::to_string(loop_) + ' ' + std::string(what.message));
  }
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  output_queue& outputs_;
  shard_index loop_;
  diary& diary_;
};

std::vector<std::unique_ptr<engine>> engines(diary& into) {
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < relaying_loops; ++i) {
    cores.push_back(std::make_unique<engine>(
        engineio::options{},
        [i, &into](engineio::server&, output_queue& outputs) {
          return std::make_unique<relaying>(outputs, i, into);
        },
        shard{i, relaying_loops}));
  }
  return cores;
}

std::string line_of(const std::string& message) {
  const auto code = *session::canonicalize(message.substr(0, message.find('\n')));
  return std::to_string(session::shard_of(code, relaying_loops)) + ' ' + message;
}

}  // namespace

TEST_CASE("a message of another node reaches the loop of its room, and all loops send", "[relay]") {
  if (!test_redis::exists()) {
    WARN("there is no redis-server");
    return;
  }
  const test_redis redis;
  diary heard;
  const running_server server({}, engines(heard), {},
                              [&](host::server& one) { one.use_relay(redis.address(), here); });
  REQUIRE(comes_to(server, "downbeat_relay_connected 1"));
  relay_node other{elsewhere};
  nodes_on_a_loop loop({&other});
  loop.connect(redis.address());
  REQUIRE(loop.run_until_connected());

  // Codes are compared as people type them.
  std::vector<std::string> messages;
  for (int i = 10; i < 40; ++i) messages.push_back("music-" + std::to_string(i) + "\nplayed");
  for (const std::string& one : messages) other.link->send({{here}, one});
  other.link->send({{here}, "?\nplayed"});
  loop.run_a_turn();
  REQUIRE(comes_to(server, "downbeat_relay_messages_received_total 31"));
  // What the first loop has passed on comes before what is asked of the others now.
  REQUIRE(comes_to(server, "downbeat_relay_gaps_total 0"));
  {
    const std::lock_guard lock(heard.mutex);
    CHECK(heard.lines.size() == messages.size());
    for (const std::string& one : messages) {
      CHECK_THAT(heard.lines, Catch::Matchers::VectorContains(line_of(one)));
    }
  }

  // New connections go to the loops in turn.
  std::vector<peer> clients;
  for (shard_index i = 0; i < relaying_loops; ++i) {
    clients.push_back(peer::websocket(server.port()));
    clients.back().send_frame(opcode::text, "4from a client");
  }
  REQUIRE(loop.run_until([&] { return other.heard.size() == relaying_loops; }));
  for (const std::string& text : other.texts()) CHECK(text == "from a client");
  CHECK(comes_to(server, "downbeat_relay_messages_sent_total 3"));
  CHECK(other.link->counters().gaps_total == 0);
}

}  // namespace downbeat::test
