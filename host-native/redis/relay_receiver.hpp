#pragma once

#include "node.hpp"
#include "redis/redis_link.hpp"
#include "redis/relay_counters.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat::host {

/// Receives the messages that other nodes send to this one, each once, in the order of each loop
/// that sends.
class relay_receiver {
 public:
  /// Gets messages of one node. They are valid only during the call.
  using handler = std::function<void(node_id from, std::span<const std::string_view> messages)>;

  /// `lost` and `restored` as of redis_link.
  relay_receiver(event_loop& in, const redis_address& where, node_id self, handler take,
                 std::function<void(const std::string& why)> lost, std::function<void()> restored);

  void end_turn() { link_.end_turn(); }

  void count(relay_counters& into) const;

 private:
  void on_reply(const redis_reply& reply);
  void on_batch(std::string_view bytes);

  redis_link link_;
  handler take_;
  /// The number of the next message, by node and loop; of the dead ones, too: they are few.
  std::map<std::pair<node_id, std::uint32_t>, std::uint64_t> next_;
  relay_counters counters_;
};

}  // namespace downbeat::host
