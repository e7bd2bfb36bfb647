#pragma once

#include "base/time.hpp"
#include "cluster/replica.hpp"
#include "cluster/update.hpp"
#include "node.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "support/simulated_redis.hpp"
#include "support/virtual_host.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

/// What makes a server on virtual time one of several nodes: a replica of all rooms, and what goes
/// between it and the engines. Everything waits until it is carried on, in any order that real
/// hosts may come to: appends to the replica, updates to each engine, what was published to the
/// replica.
class cluster_node final : private virtual_host::shared_store {
 public:
  using relay_sender = std::function<void(node_id from, output::relay what)>;

  /// Redis and the host must outlive it.
  cluster_node(cluster::replica::options how, simulated_redis& redis, virtual_host& host,
               relay_sender relays);

  [[nodiscard]] node_id self() const { return self_; }
  /// Whether the engines have the rooms, so that clients may come.
  [[nodiscard]] bool is_started() const { return is_started_; }

  // What a host does, each at any time.

  /// Gives the replica the time, if it is due. False if it was not.
  bool keep_up();
  [[nodiscard]] std::int64_t due() const { return replica_.due(); }
  /// The replica gets some of the appends that wait, at most so many. False if none waits.
  bool append_some(std::size_t most);
  /// An engine gets its next update. False if there is none.
  bool update_one(shard_index where);
  /// The replica gets the next text that was published, or begins to listen after it has connected.
  /// False if there is none.
  bool receive_one();
  /// An engine gets what a client of another node plays.
  void receive_relay(node_id from, std::string_view message);
  /// Everything that waits, until nothing does. Returns whether there was anything.
  bool carry_on();

  /// Stops in order. Nothing may be done afterwards.
  void stop();

  [[nodiscard]] cluster::replica& all() { return replica_; }
  [[nodiscard]] const cluster::replica& all() const { return replica_; }
  [[nodiscard]] simulated_link& link() { return link_; }
  [[nodiscard]] const simulated_link& link() const { return link_; }
  [[nodiscard]] bool is_quiet() const;

 private:
  void append(shard_index where, output::append what) override;
  void relay(shard_index where, output::relay what) override;
  void start();
  void take_updates();

  struct waiting_update {
    std::uint64_t number;  ///< see `cluster::replica::told`
    cluster::update::any what;
  };

  node_id self_;
  simulated_redis& redis_;
  virtual_host& host_;
  relay_sender relays_;
  simulated_link link_;
  cluster::replica replica_;
  bool is_started_ = false;
  std::uint64_t connections_ = 0;
  std::deque<cluster::own_append> appends_;
  std::vector<std::deque<waiting_update>> updates_;  ///< by shard
  std::vector<std::uint64_t> told_;                  ///< by shard
};

}  // namespace downbeat::test
