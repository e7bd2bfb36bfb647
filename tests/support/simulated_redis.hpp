#pragma once

#include "cluster/entry_text.hpp"
#include "cluster/log_store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::test {

class simulated_link;

/// The Redis that several nodes share, in memory, with what can happen to one. Each node has a
/// `simulated_link` to it.
class simulated_redis {
 public:
  /// For leases.
  std::int64_t now = 0;
  std::size_t most_entries = 10'000;  ///< in the log of all rooms
  bool is_full = false;               ///< only what removes is possible

  /// Nobody reaches it any more. It loses nothing.
  void stop();
  void start() { is_away_ = false; }
  /// A copy without the last appends takes its place. Leases and nodes are as they were. It goes
  /// back to the last repair at most.
  void fail_over(std::size_t lost_appends);
  /// Everything is deleted. With `restarts` the connections are lost, too.
  void empty(bool restarts);

  [[nodiscard]] std::vector<std::string> codes() const;
  [[nodiscard]] cluster::log_head head_of(const std::string& code) const;
  /// Somebody else has written this into the hash of nodes.
  void put_node(node_id node, std::string text) { nodes_[node] = std::move(text); }
  /// Somebody else has written something after the last append.
  void put_garbage();
  /// The state of a room that cannot be read any more.
  void damage(const std::string& code) { rooms_[code].log = {{"1:1", "?"}}; }
  /// All leases are over, as after a jump of the store's clock.
  void end_leases() { leases_.clear(); }
  /// What happens before the next step of a repair.
  std::function<void()> before_repair = {};
  [[nodiscard]] bool knows(node_id node) const { return nodes_.count(node) != 0; }
  [[nodiscard]] std::uint64_t appends() const { return n_; }

 private:
  friend class simulated_link;

  struct lease {
    std::uint64_t connection = 0;
    std::int64_t end = 0;
  };
  struct change {
    std::string room;
    cluster::stored_room before;
  };

  void lose_connections();
  void log(cluster::log_entry entry);
  void publish(const cluster::publication& what);
  [[nodiscard]] bool is_known(const cluster::sender& who) const;
  [[nodiscard]] node_id repairer() const;
  cluster::append_answer append(const cluster::sender& who, std::string_view lineage,
                                const cluster::log_entry& what);

  bool is_away_ = false;
  std::uint64_t process_ = 1;
  std::uint64_t n_ = 0;
  std::string lineages_;
  std::deque<cluster::log_entry> log_;
  std::map<std::string, cluster::stored_room> rooms_;
  std::map<node_id, std::string> nodes_;
  std::map<node_id, lease> leases_;
  node_id repairer_ = 0;
  std::int64_t repair_end_ = 0;
  std::vector<change> changes_;  ///< since the last repair
  std::set<simulated_link*> links_;
};

/// A node's connection to the simulated Redis. What is published waits here until the test passes
/// it on.
class simulated_link final : public cluster::log_store {
 public:
  explicit simulated_link(simulated_redis& to) : redis_(to) { redis_.links_.insert(this); }
  ~simulated_link() override { redis_.links_.erase(this); }

  bool is_cut = false;           ///< this node alone does not reach it
  bool loses_published = false;  ///< what is published from now on does not arrive
  /// After so many more appends the connection is lost before the answer arrives.
  std::optional<std::size_t> answers_left = {};
  bool loses_rooms = false;      ///< the connection is lost when it reads rooms, once
  std::int64_t slowness_ms = 0;  ///< it takes so long to read all heads
  std::deque<std::string> published = {};

  /// Cuts this node off now; it may connect again at once.
  void disconnect() override { is_connected_ = false; }

  std::optional<std::string> connect() override;
  [[nodiscard]] bool is_connected() const override { return is_connected_; }
  [[nodiscard]] const std::string& failure() const override { return failure_; }
  std::optional<cluster::store_state> announce(const cluster::sender& who, std::string_view text,
                                               std::int64_t lease_ms, bool is_news) override;
  bool leave(const cluster::sender& who) override;
  bool remove_node(node_id which) override;
  bool begin_lineage(std::string_view lineage) override;
  void append(const cluster::sender& who, std::string_view lineage,
              std::span<const cluster::log_entry> what,
              std::span<cluster::append_answer> answers) override;
  std::optional<cluster::log_part> read_log(std::uint64_t from, std::size_t most) override;
  std::optional<std::map<std::string, cluster::log_head>> read_heads() override;
  std::optional<std::vector<cluster::stored_room>> read_rooms(
      std::span<const std::string> codes) override;
  std::optional<std::size_t> compact(std::span<const cluster::room_to_write> what) override;
  bool begin_repair(const cluster::sender& who, std::int64_t lease_ms) override;
  bool keep_repairing(const cluster::sender& who, std::int64_t lease_ms) override;
  bool write(const cluster::sender& who, std::int64_t lease_ms,
             std::span<const cluster::room_to_write> what) override;
  std::uint64_t end_repair(const cluster::sender& who, std::uint64_t n,
                           std::string_view lineages) override;

 private:
  friend class simulated_redis;

  /// Whether it answers; otherwise the connection is lost.
  bool reaches();

  simulated_redis& redis_;
  bool is_connected_ = false;
  std::string failure_ = {};
};

}  // namespace downbeat::test
