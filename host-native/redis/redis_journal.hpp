#pragma once

#include "cluster/replica.hpp"
#include "journal/journal_store.hpp"
#include "log/logger.hpp"
#include "node.hpp"
#include "redis/redis_address.hpp"
#include "redis/redis_log_store.hpp"
#include "redis/redis_subscriber.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace downbeat::host {

/// This process among the nodes that share a Redis.
struct redis_node {
  node_id id = 0;
  std::string name;                   ///< 1 to 16 letters and digits
  std::chrono::milliseconds lease{};  ///< how long it counts as alive when it is not heard of
};

/// A node with an id that no other one has. An empty name is drawn, too.
redis_node draw_node(std::string name, std::chrono::milliseconds lease);

/// The logs of all rooms, in a Redis that other nodes append to at the same time; see
/// `cluster::replica`.
class redis_journal final : public journal_store {
 public:
  /// Becomes one of the nodes. Waits at most this long for Redis. Throws unusable_journal.
  redis_journal(const redis_address& where, redis_node self, std::chrono::milliseconds wait,
                logger& log);
  /// Stops being one.
  ~redis_journal() override { redis_journal::close(); }

  [[nodiscard]] const std::string& name() const override { return name_; }

  void load(const visitor& take) override;
  void visit(const visitor& take) override;
  void append(std::span<const output::append> what, std::span<outcome> results) override;
  void append_after(std::span<const output::append> what, std::span<const std::uint64_t> seen,
                    std::span<outcome> results) override;
  /// There is nothing to resolve: outcomes are among the updates.
  void resolve(std::span<const output::append> /*what*/, std::span<outcome> /*results*/) override {}
  std::vector<cluster::update::any> take_updates() override { return replica_.take_updates(); }
  [[nodiscard]] std::uint64_t told() const override { return replica_.told(); }
  void wake_by(const std::function<void()>& wake) override;

  std::optional<std::chrono::milliseconds> keep_up(bool is_idle) override;

  std::vector<std::string> integrity_faults() override { return {}; }
  void copy_to(const std::string& file) override;
  void count(journal_counters& into) const override;
  void close() override;

 private:
  /// Waits until Redis is there, and until this node may begin.
  void begin(std::chrono::milliseconds wait, logger& log);
  void listen();
  void look_for_namesakes();
  /// After each call of the replica.
  void take_note();

  std::string name_;
  std::string node_name_;
  std::chrono::milliseconds lease_;
  logger& log_;
  redis_log_store store_;
  cluster::replica replica_;
  std::optional<redis_subscriber> subscriber_;
  std::uint64_t connections_ = 0;  ///< for which it was subscribed
  std::function<void()> wake_;
  std::map<node_id, std::int64_t> namesakes_;  ///< other nodes of this name: heard of since when
  bool is_name_taken_ = false;                 ///< and that was logged
  bool is_open_ = false;

  mutable std::mutex mutex_;  ///< of `counted_`, which is read in other threads
  cluster::replica::counters counted_;
};

/// Visits the rooms that a Redis has, without being one of its nodes. Throws unusable_journal.
void visit_redis(const redis_address& where, const journal_store::visitor& take);

}  // namespace downbeat::host
