#pragma once

#include "cluster/log_store.hpp"
#include "node.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::cluster {

/// What a node says of itself: `NAME N ok PROCESS LINEAGES…`, or `lost` instead of `ok`. The last
/// words are the store's lineages.
struct announcement {
  std::string name;
  std::uint64_t n = 0;     ///< how far it has followed
  bool is_lost = false;    ///< the store lacks what it knows
  std::string store = {};  ///< process and lineages of the store that it is connected to

  friend bool operator==(const announcement&, const announcement&) = default;
};

/// Without the store's lineages, which the store adds.
std::string write_announcement(const announcement& what);
std::optional<announcement> read_announcement(std::string_view text);

/// See `input::nodes_changed`.
std::string write_nodes(node_id self, const std::map<node_id, std::string>& living);

/// How often a node says that it lives.
std::int64_t renewal_interval(std::int64_t lease_ms);

/// Who lives, as one node sees it.
class node_list {
 public:
  node_list(node_id self, std::int64_t lease_ms) : self_(self), lease_ms_(lease_ms) {}

  /// From now on, and until it has renewed its own lease for the time of a whole one, this node
  /// cannot tell who is dead. After the start, those whom the store does not know are dead anyway.
  void doubt(std::int64_t now, bool is_start);
  /// The store has answered a renewal. What no node can have announced is left out: an id that
  /// none has, or a text that cannot be read. If somebody with such a text is heard of, it is of
  /// another version, and its name is not known.
  void update(const std::vector<announced_node>& nodes, std::int64_t now);

  /// Those who live, by id, self included; empty if it is not known who lives.
  [[nodiscard]] std::map<node_id, std::string> living(std::int64_t now) const;
  /// The other nodes of this name that were heard of at the last update.
  [[nodiscard]] std::set<node_id> others_named(const std::string& name) const;
  /// Whether somebody is silent, and not yet for long enough to be dead.
  [[nodiscard]] bool waits_for_somebody(std::int64_t now) const;
  /// Dead ones that this node must remove.
  [[nodiscard]] std::vector<node_id> to_remove(std::int64_t now) const;
  /// Those who were heard of at the last update, but this one.
  [[nodiscard]] std::set<node_id> others() const;

 private:
  struct known_node {
    std::string name;
    bool is_heard_of = false;
    std::int64_t silent_since = 0;
    int silent_updates = 0;  ///< in a row
  };

  [[nodiscard]] bool is_sure(std::int64_t now) const { return now - sure_since_ >= lease_ms_; }
  [[nodiscard]] bool is_living(node_id id, const known_node& node, std::int64_t now) const;
  [[nodiscard]] bool is_silent(const known_node& node, std::int64_t now) const;

  node_id self_;
  std::int64_t lease_ms_;
  std::int64_t sure_since_ = 0;
  std::int64_t renewed_at_ = 0;
  bool is_start_ = true;
  bool is_known_ = false;
  std::map<node_id, known_node> nodes_;
};

}  // namespace downbeat::cluster
