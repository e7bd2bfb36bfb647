#pragma once

#include "base/time.hpp"
#include "jam/options.hpp"
#include "node.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "support/cluster_node.hpp"
#include "support/jam_shards.hpp"
#include "support/simulated_redis.hpp"
#include "support/wire.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::test {

/// Several nodes on one Redis, for stories. What goes between them arrives at once, unless the test
/// holds it back.
class node_stage {
 public:
  static constexpr std::int64_t lease_ms = 6'000;

  /// One process. After its end another one is started in its place.
  class node {
   public:
    node(node_stage& stage, node_id self, const std::string& name);

    wire line;
    std::vector<jam::application*> apps;
    cluster_node of;
    bool is_awake = true;
    bool has_ended = false;

   private:
    node(node_stage& stage, node_id self, const std::string& name, jam_shards made);
  };

  explicit node_stage(jam::options how, shard_index shards = 1);
  node_stage(const node_stage&) = delete;
  node_stage& operator=(const node_stage&) = delete;

  /// Starts one; it takes over the rooms that Redis has.
  node& start(node_id self, const std::string& name);
  /// It dies with all its connections, and nobody is told.
  void kill(node& one) { end(one); }
  /// It stops in order.
  void stop(node& one);
  /// It handles nothing for a time.
  void sleep(node& one, std::int64_t ms);

  /// Lets time pass for all.
  void advance(std::int64_t ms);
  /// Carries on everything that waits.
  void settle();

  simulated_redis redis;
  bool holds_relays = false;  ///< they wait
  bool is_held = false;       ///< so does everything else between engines and Redis

 private:
  struct message {
    node_id from;
    node_id to;
    std::string bytes;
  };

  void end(node& one);
  void deliver_relays();

  jam::options options_;
  shard_index shards_;  ///< of each node
  std::deque<node> nodes_;
  std::deque<message> relays_;
};

}  // namespace downbeat::test
