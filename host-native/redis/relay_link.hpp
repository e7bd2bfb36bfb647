#pragma once

#include "log/logger.hpp"
#include "node.hpp"
#include "output.hpp"
#include "redis/redis_address.hpp"
#include "redis/relay_counters.hpp"
#include "redis/relay_receiver.hpp"
#include "redis/relay_sender.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace downbeat::host {

/// Carries messages between this loop and other nodes, through Redis and at most once. Each loop
/// sends through its own link. A node listens on one channel, in its first loop: the others do not
/// know how many loops it has.
class relay_link {
 public:
  /// With a handler it receives the messages for this node, else it only sends. `loop` is the index
  /// of this loop. The loop must outlive the link.
  relay_link(event_loop& in, const redis_address& where, node_id self, std::uint32_t loop,
             relay_receiver::handler take, logger& log);
  relay_link(const relay_link&) = delete;
  relay_link& operator=(const relay_link&) = delete;

  void send(const output::relay& what) { sender_.send(what); }
  /// Sends what is queued, and reads again. Call it at the end of each turn.
  void end_turn();

  [[nodiscard]] relay_counters counters() const;

 private:
  void on_loss(const std::string& why);
  void on_return();

  logger& log_;
  std::string name_;  ///< of the Redis
  bool is_logging_;
  int lost_ = 0;  ///< connections
  relay_sender sender_;
  std::optional<relay_receiver> receiver_;
};

}  // namespace downbeat::host
