#include "redis/redis_log_store.hpp"

#include "host/test_redis.hpp"
#include "redis/redis_subscriber.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

using namespace std::chrono_literals;
using test::has_no_redis;
using test::test_redis;
using outcome = cluster::append_answer::outcome;

constexpr cluster::sender self{11, 1};
constexpr std::int64_t lease_ms = 60'000;

/// A node that has begun the first lineage.
struct node {
  redis_log_store store;

  explicit node(const redis_address& where) : store(where, 5s) {
    REQUIRE(store.connect());
    REQUIRE(store.begin_lineage("first"));
    REQUIRE(announce());
  }
  std::optional<cluster::store_state> announce() {
    return store.announce(self, "a 0 ok p", lease_ms, true);
  }
  cluster::append_answer create(const std::string& code) {
    cluster::log_entry entry;
    entry.room = code;
    entry.append = "11:" + code;
    entry.new_seq = 1;
    entry.new_chain = "c0ffee";
    entry.events = "[]";
    cluster::append_answer answer;
    store.append(self, "first", {&entry, 1}, {&answer, 1});
    return answer;
  }
};

/// What a node hears on the channel of appends.
class listener {
 public:
  explicit listener(const redis_address& where) : subscriber_(where, 5s) {
    subscriber_.on_news([this] {
      const std::lock_guard guard(mutex_);
      is_news_ = true;
      changed_.notify_one();
    });
    REQUIRE(wait_for([](const auto& heard) { return heard.is_new; }));
  }
  ~listener() { subscriber_.on_news({}); }

  template <class Goal>
  bool wait_for(Goal goal) {
    for (;;) {
      redis_subscriber::heard heard = subscriber_.take();
      for (std::string& one : heard.messages) messages.push_back(std::move(one));
      if (goal(heard)) return true;
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, 30s, [this] { return std::exchange(is_news_, false); })) {
        return false;
      }
    }
  }

  std::vector<std::string> messages = {};

 private:
  redis_subscriber subscriber_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_news_ = false;
};

}  // namespace

TEST_CASE("what is appended in one database of a Redis is not published to another", "[redis]") {
  if (has_no_redis()) return;
  const test_redis redis;
  redis_address elsewhere = redis.address();
  elsewhere.database = 1;
  node here(redis.address());
  node there(elsewhere);
  listener of_here(redis.address());
  CHECK(there.create("ROCK-17").how == outcome::appended);
  CHECK(here.create("JAZZ-42").how == outcome::appended);
  REQUIRE(of_here.wait_for([&](const auto&) { return !of_here.messages.empty(); }));
  CHECK(of_here.messages.front().find("JAZZ-42") != std::string::npos);
}

TEST_CASE("who listens learns that the connection is lost", "[redis]") {
  if (has_no_redis()) return;
  test_redis redis;
  listener one(redis.address());
  redis.kill();
  CHECK(one.wait_for([](const auto& heard) { return heard.is_over; }));
}

TEST_CASE("what else stands among the nodes has no id of a node", "[redis]") {
  if (has_no_redis()) return;
  const test_redis redis;
  node one(redis.address());
  for (const char* const id : {"x", "12abc", "-1", "", "011"}) {
    static_cast<void>(redis.ask({"HSET", "downbeat:nodes", id, "a 0 ok p"}));
  }
  const auto state = one.announce();
  REQUIRE(state);
  REQUIRE(state->nodes.size() == 6);
  for (std::size_t i = 0; i < 5; ++i) CHECK(state->nodes[i].node == 0);
  CHECK(state->nodes[5].node == self.node);
}

TEST_CASE("appends go on after whatever the log has", "[redis]") {
  if (has_no_redis()) return;
  const test_redis redis;
  node one(redis.address());
  CHECK(one.create("JAZZ-42").n == 1);
  SECTION("if somebody else has written there") {
    static_cast<void>(redis.ask({"XADD", "downbeat:appends", "500-3", "x", "y"}));
    CHECK(one.create("ROCK-17").n == 501);
    const auto log = one.store.read_log(1, 10);
    REQUIRE(log);
    REQUIRE(log->entries.size() == 3);
    CHECK(log->entries[1].n == 500);
    CHECK(log->entries[1].room.empty());
    CHECK(log->entries[2].room == "ROCK-17");
  }
  SECTION("if its number is gone") {
    static_cast<void>(redis.ask({"DEL", "downbeat:n"}));
    CHECK(one.create("ROCK-17").n == 2);
  }
  SECTION("if that was appended while it was about to be repaired") {
    CHECK(one.create("ROCK-17").n == 2);
    REQUIRE(one.store.begin_repair(self, lease_ms));
    REQUIRE(one.store.keep_repairing(self, lease_ms));
    CHECK(one.store.end_repair(self, 2, "second first") == 3);
    CHECK(one.announce()->n == 3);
    CHECK(one.announce()->lineage == "second first");
    CHECK_FALSE(one.store.keep_repairing(self, lease_ms));
  }
}

TEST_CASE("an append that is refused has written nothing", "[redis]") {
  if (has_no_redis()) return;
  const test_redis redis;
  node one(redis.address());
  const std::string key = GENERATE("downbeat:log:JAZZ-42", "downbeat:sessions", "downbeat:appends");
  CAPTURE(key);
  static_cast<void>(redis.ask({"SET", key, "x"}));
  CHECK(one.create("JAZZ-42").how == outcome::refused);
  CHECK(one.store.is_connected());
  CHECK(redis.ask({"HGET", "downbeat:room:JAZZ-42", "seq"}).empty());
  CHECK(redis.ask({"GET", "downbeat:n"}).empty());
  CHECK(redis.ask({"GET", key}) == "x");
}

TEST_CASE("an append that fails in the middle may have been made", "[redis]") {
  if (has_no_redis()) return;
  const test_redis redis;
  node one(redis.address());
  // It may write, and not publish what it has written.
  static_cast<void>(redis.ask({"ACL", "SETUSER", "default", "-publish"}));
  CHECK(one.create("JAZZ-42").how == outcome::unknown);
  CHECK_FALSE(one.store.is_connected());
  CHECK_FALSE(one.store.failure().empty());
}

}  // namespace downbeat::host
