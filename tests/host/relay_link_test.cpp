#include "redis/relay_link.hpp"

#include "host/relay_nodes.hpp"
#include "host/test_certificate.hpp"
#include "host/test_redis.hpp"
#include "redis/relay_batch.hpp"
#include "redis/relay_sender.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::host {
namespace {

using test::has_no_redis;
using test::nodes_on_a_loop;
using test::relay_node;
using test::test_redis;

constexpr node_id node_a = 11;
constexpr node_id node_b = largest_node;

/// Two nodes that are connected.
struct two_nodes {
  relay_node a{node_a};
  relay_node b{node_b};
  nodes_on_a_loop loop{{&a, &b}};

  explicit two_nodes(const redis_address& where) {
    loop.connect(where);
    REQUIRE(loop.run_until_connected());
  }

  bool run_until_heard(std::size_t messages) {
    return loop.run_until([this, messages] { return b.heard.size() >= messages; });
  }
};

}  // namespace

TEST_CASE("messages for a node arrive there, in order, with any bytes", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  std::string bytes("MUSIC-42\n\r\n$5\r\n");
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  nodes.a.link->send({{node_b}, bytes});
  nodes.a.link->send({{node_b}, ""});
  nodes.a.link->send({{node_b}, std::string(300'000, 'x')});
  nodes.a.link->send({{node_b}, "last"});
  REQUIRE(nodes.run_until_heard(4));
  CHECK(nodes.b.texts() == std::vector<std::string>{bytes, "", std::string(300'000, 'x'), "last"});
  for (const auto& [from, text] : nodes.b.heard) CHECK(from == node_a);
  CHECK(nodes.a.heard.empty());
  CHECK(nodes.b.link->counters().received_total == 4);
  CHECK(nodes.b.link->counters().gaps_total == 0);
  CHECK(nodes.a.link->counters().sent_total == 4);
  CHECK(nodes.a.link->counters().sent_bytes_total == nodes.b.link->counters().received_bytes_total);
}

TEST_CASE("all messages of a turn to one node are published together", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  for (int i = 0; i < 100; ++i) nodes.a.link->send({{node_b, 12}, std::to_string(i)});
  REQUIRE(nodes.run_until_heard(100));
  for (std::size_t i = 0; i < 100; ++i) CHECK(nodes.b.heard[i].second == std::to_string(i));
  CHECK(nodes.a.link->counters().publishes_total == 2);
  CHECK(nodes.a.link->counters().sent_total == 200);
}

TEST_CASE("each loop of a node has numbers of its own", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  relay_node second_loop{node_a};
  nodes_on_a_loop other({&second_loop});
  other.connect(second_loop, redis.address(), 1);
  REQUIRE(other.run_until_connected());
  nodes.a.link->send({{node_b}, "one"});
  REQUIRE(nodes.run_until_heard(1));
  second_loop.link->send({{node_b}, "two"});
  other.run_a_turn();
  REQUIRE(nodes.run_until_heard(2));
  CHECK(nodes.b.texts() == std::vector<std::string>{"one", "two"});
  CHECK(nodes.b.link->counters().gaps_total == 0);
}

TEST_CASE("databases of one Redis are apart, although their channels are not", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  redis_address elsewhere = redis.address();
  elsewhere.database = 1;
  relay_node stranger{node_a};
  nodes_on_a_loop other({&stranger});
  other.connect(elsewhere);
  REQUIRE(other.run_until_connected());
  stranger.link->send({{node_b, node_a}, "from database 1"});
  REQUIRE(other.run_until([&] { return !stranger.heard.empty(); }));
  nodes.a.link->send({{node_b}, "from database 0"});
  REQUIRE(nodes.run_until_heard(1));
  CHECK(nodes.b.texts() == std::vector<std::string>{"from database 0"});
}

TEST_CASE("while Redis is away messages are dropped and counted, and later ones arrive",
          "[relay]") {
  if (has_no_redis()) return;
  test_redis redis;
  two_nodes nodes(redis.address());
  nodes.a.link->send({{node_b}, "before"});
  REQUIRE(nodes.run_until_heard(1));
  redis.kill();
  REQUIRE(nodes.loop.run_until_lost(nodes.a));
  REQUIRE(nodes.loop.run_until_lost(nodes.b));
  for (int i = 0; i < 5; ++i) nodes.a.link->send({{node_b}, "lost"});
  CHECK(nodes.a.link->counters().dropped_total == 5);
  redis.start();
  REQUIRE(nodes.loop.run_until_connected());
  nodes.a.link->send({{node_b}, "after"});
  REQUIRE(nodes.run_until_heard(2));
  CHECK(nodes.b.texts() == std::vector<std::string>{"before", "after"});
  CHECK(nodes.b.link->counters().gaps_total == 5);
  CHECK(nodes.a.link->counters().sent_total == 2);
}

TEST_CASE("a link that begins while Redis is away connects once it is there", "[relay]") {
  if (has_no_redis()) return;
  test_redis redis;
  redis.kill();
  relay_node a{node_a};
  nodes_on_a_loop loop({&a});
  loop.connect(redis.address());
  a.link->send({{node_b}, "too early"});
  CHECK(a.link->counters().dropped_total == 1);
  redis.start();
  CHECK(loop.run_until_connected());
}

TEST_CASE("a Redis that takes nothing is given a bounded amount, and then counts as lost",
          "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  redis.pause();
  const std::string message(1'000, 'x');
  constexpr std::uint64_t attempts = 40'000;
  // What the system takes for the socket comes on top of the link's mebibyte.
  for (std::uint64_t i = 1; i <= attempts; ++i) {
    nodes.a.link->send({{node_b}, message});
    if (i % 100 == 0) nodes.loop.run_a_turn();
  }
  const relay_counters of_a = nodes.a.link->counters();
  CHECK(of_a.dropped_total > 0);
  CHECK(of_a.sent_total + of_a.dropped_total == attempts);
  REQUIRE(nodes.loop.run_until_lost(nodes.a));
  redis.resume();
  REQUIRE(nodes.loop.run_until_connected());
  nodes.a.link->send({{node_b}, "after"});
  REQUIRE(nodes.loop.run_until(
      [&] { return !nodes.b.heard.empty() && nodes.b.heard.back().second == "after"; }));
}

TEST_CASE("a message that is larger than what may wait goes alone", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  const std::string large(3'000'000, 'x');
  nodes.a.link->send({{node_b}, large});
  REQUIRE(nodes.run_until_heard(1));
  CHECK(nodes.b.texts() == std::vector<std::string>{large});
}

TEST_CASE("a number that somebody else has made up does not silence a node", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  two_nodes nodes(redis.address());
  nodes.a.link->send({{node_b}, "before"});
  REQUIRE(nodes.run_until_heard(1));
  std::string batch;
  begin_batch(batch, node_a, 0, ~std::uint64_t{0} - 10);
  append_to_batch(batch, "made up");
  static_cast<void>(redis.ask({"PUBLISH", relay_channel(redis.address(), node_b), batch}));
  REQUIRE(nodes.run_until_heard(2));
  nodes.a.link->send({{node_b}, "after"});
  REQUIRE(nodes.run_until_heard(3));
  CHECK(nodes.b.texts() == std::vector<std::string>{"before", "made up", "after"});
  CHECK(nodes.b.link->counters().gaps_total == 0);
}

TEST_CASE("a user with a password needs the rights to publish and to subscribe", "[relay]") {
  if (has_no_redis()) return;
  const test_redis redis;
  // Redis' own user, or another one.
  const std::string user = GENERATE("", "band");
  redis_address where = redis.address();
  if (user.empty()) {
    static_cast<void>(redis.ask({"CONFIG", "SET", "requirepass", "p@ss word"}));
  } else {
    static_cast<void>(redis.ask(
        {"ACL", "SETUSER", user, "on", ">p@ss word", "&downbeat:*", "+@pubsub", "+@connection"}));
  }
  where.user = user;
  where.password = "p@ss word";
  two_nodes nodes(where);
  nodes.a.link->send({{node_b}, "x"});
  CHECK(nodes.run_until_heard(1));
  if (user.empty()) return;
  // Messages have no answer, but the loss of the rights is noticed.
  static_cast<void>(redis.ask({"ACL", "SETUSER", user, "-publish"}));
  CHECK(nodes.loop.run_until_lost(nodes.a));
}

TEST_CASE("with TLS all is the same", "[relay]") {
  if (has_no_redis()) return;
  const auto [certificate, key] = test::make_certificate();
  const test::temporary_folder folder;
  folder.write("certificate", certificate);
  folder.write("key", key);
  const std::string file = (folder.path() / "certificate").string();
  redis_address where;
  where.port = test_redis::free_port();
  const test_redis redis{
      "--tls-port",     std::to_string(where.port),       "--tls-cert-file",    file,
      "--tls-key-file", (folder.path() / "key").string(), "--tls-auth-clients", "no"};
  where.host = "localhost";
  where.is_tls = true;
  where.ca_file = file;
  two_nodes nodes(where);
  for (int i = 0; i < 1'000; ++i) nodes.a.link->send({{node_b}, std::string(500, 'x')});
  CHECK(nodes.run_until_heard(1'000));
}

}  // namespace downbeat::host
