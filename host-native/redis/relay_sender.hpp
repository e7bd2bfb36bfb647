#pragma once

#include "node.hpp"
#include "output.hpp"
#include "redis/redis_link.hpp"
#include "redis/relay_counters.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::host {

/// The channel on which a node hears others. Channels are the same in all databases of a Redis, so
/// the database is part of the name.
std::string relay_channel(const redis_address& where, node_id node);

/// Publishes the messages of one loop for other nodes: all of a turn for one node together. While
/// Redis is away or slow they are dropped.
class relay_sender {
 public:
  /// `lost` and `restored` as of redis_link.
  relay_sender(event_loop& in, const redis_address& where, node_id self, std::uint32_t loop,
               std::function<void(const std::string& why)> lost, std::function<void()> restored);

  void send(const output::relay& what);
  void end_turn();

  void count(relay_counters& into) const;

 private:
  struct destination {
    std::string channel;
    std::uint64_t next = 1;  ///< number of the next message
    std::string batch = {};
    std::uint64_t in_batch = 0;  ///< messages
  };

  destination& find(node_id node);
  void add(destination& to, std::string_view message);
  void publish(destination& to);

  redis_address where_;
  node_id self_;
  std::uint32_t loop_;
  redis_link link_;
  std::unordered_map<node_id, destination> destinations_;  ///< the dead ones, too: they are few
  std::vector<destination*> waiting_;                      ///< have a batch
  std::string command_;
  relay_counters counters_;
};

}  // namespace downbeat::host
