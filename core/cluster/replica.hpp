#pragma once

#include "cluster/log_store.hpp"
#include "cluster/nodes.hpp"
#include "cluster/update.hpp"
#include "output.hpp"
#include "session/room.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::cluster {

/// An append of an engine of this node.
struct own_append {
  output::append what;
  /// How many updates that engine had been told of when it decided this; see `replica::told`. So an
  /// append that was decided before its room was replaced is known as such.
  std::uint64_t seen = std::numeric_limits<std::uint64_t>::max();
};

/// All rooms, as the store that the nodes share has them.
///
/// It appends for the engines of this node, follows what the others append, and repairs the store
/// if that has lost something. What the engines must hear of it are updates, in order; take them
/// after each call. Times are in milliseconds, of any clock that does not go back.
class replica {
 public:
  struct options {
    node_id self = 0;
    std::string name = {};          ///< of this node, 1 to 16 letters and digits
    std::int64_t lease_ms = 6'000;  ///< how long a node that is not heard of counts as alive
  };

  struct counters {
    bool is_connected = false;
    bool is_following = false;
    std::uint64_t connections_total = 0;
    std::uint64_t conflicts_total = 0;       ///< appends that another node was ahead of
    std::uint64_t catch_ups_total = 0;       ///< times the log was read, because of any doubt
    std::uint64_t gaps_total = 0;            ///< times a published append was missing
    std::uint64_t replaced_rooms_total = 0;  ///< rooms that could not be followed event by event
    std::uint64_t repaired_rooms_total = 0;  ///< rooms that the store had lost, written again
    std::uint64_t nodes = 0;                 ///< that live, this one included; 0 if not known
    std::uint64_t log_appends = 0;  ///< not in a snapshot yet, in rooms that this node appended to
  };

  using visitor = std::function<void(const session::room& state)>;

  /// The store must outlive it.
  replica(options how, log_store& store);
  replica(const replica&) = delete;
  replica& operator=(const replica&) = delete;

  /// Does what is due: connects, renews the lease, catches up, repairs, and replaces long logs by
  /// snapshots (more of them if there is nothing to append). Call it at the latest at `due`.
  void keep_up(std::int64_t now, bool is_idle = true);
  [[nodiscard]] std::int64_t due() const;

  /// Whether it has all rooms, and the store has lost nothing that it knows of. At the start:
  /// whether the rooms can be taken over. They are no updates then.
  [[nodiscard]] bool is_following() const { return phase_ == phase::following; }

  /// Appends, each of another room. Each is answered among the updates, at once or later.
  void append(std::span<const own_append> what, std::int64_t now);

  /// Another node, or this one, has published this. Ignored after each new connection until
  /// `listen_again`: the store of an earlier connection may have lost what it published.
  void receive(std::string_view text, std::int64_t now);
  /// From now on everything that is published arrives here. What was before is caught up with.
  void listen_again(std::int64_t now);
  /// What is published does not arrive any more until `listen_again`. Until then this node may not
  /// know who has come back where, and takes nobody for dead.
  void stop_listening(std::int64_t now);

  /// Stops being one of the nodes, so that the others take its members as away at once. Before
  /// that it repairs the store, if it is the one to do that.
  void leave(std::int64_t now);

  [[nodiscard]] std::vector<update::any> take_updates() { return std::exchange(updates_, {}); }
  /// The number of the last update. Give it back with later appends of the engines that have
  /// handled it, as `own_append::seen`.
  [[nodiscard]] std::uint64_t told() const { return told_; }

  void visit(const visitor& take) const;
  /// The room of a code, or null.
  [[nodiscard]] const session::room* find(const std::string& code) const;
  /// The head of a room's log as far as it was followed.
  [[nodiscard]] log_head head_of(const std::string& code) const;

  [[nodiscard]] counters count() const;
  /// Other nodes that live and have the name of this one.
  [[nodiscard]] std::set<node_id> namesakes() const { return nodes_.others_named(how_.name); }
  /// Why the last call could not do something; empty if it could.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  enum class phase : std::uint8_t {
    starting,  ///< has never had the rooms
    away,      ///< there is no connection, or none that is trusted yet
    following,
    lost,  ///< the store lacks what this node knows; until somebody has repaired it
  };

  struct kept_room {
    session::room state;
    std::string chain;
    std::string append;
    std::size_t log_appends = 0;  ///< since the snapshot, if this node has appended last
    std::uint64_t since = 0;      ///< the update with which it became another one than before
  };

  /// An append of this node that is not answered.
  struct pending_append {
    std::uint64_t append_id = 0;
    std::size_t event_bytes = 0;
    bool is_told = false;  ///< that its outcome is unknown
  };

  struct done_append {
    std::string append;
    std::string room;
  };

  using outcome = input::append_answered::outcome;

  // Connection and lease.
  void connect(std::int64_t now);
  std::optional<store_state> announce(std::int64_t now, bool is_news);
  void lose_connection(std::int64_t now);
  void renew(std::int64_t now);
  void look_at(const store_state& state, std::int64_t now, bool is_new_connection);
  void begin(const store_state& state, std::int64_t now);
  void load(const store_state& state, std::int64_t now);
  void compact(bool is_idle);
  [[nodiscard]] sender me() const { return {how_.self, connections_}; }

  // Appending.
  void append_some(std::span<const own_append> what, std::int64_t now);
  void append_entries(const std::vector<log_entry>& entries, std::int64_t now);
  void advance(std::uint64_t n, const std::string& append, const std::string& room);
  void resolve(const std::string& code, outcome how);
  /// Answers what an earlier connection has sent and what has turned out not to be in the log.
  void settle();
  [[nodiscard]] std::string id_of(std::uint64_t append_id) const;
  [[nodiscard]] bool is_pending(const std::string& code, std::string_view append) const;

  // Following.
  void follow(const log_entry& entry, std::int64_t now);
  void apply(const log_entry& entry, std::size_t log_appends, std::int64_t now);
  /// The engines must know that a node lives before they hear of what it has done.
  void introduce(const std::string& append, std::int64_t now);
  void catch_up(std::int64_t now);
  /// The append that had this number when this node followed or wrote it; null if it did neither.
  [[nodiscard]] const std::string* known_append(std::uint64_t n) const;
  /// The last number of those. What it has written itself may be ahead of what it has followed.
  [[nodiscard]] std::uint64_t known_end() const;
  /// Takes the rooms that differ as the store has them.
  void adopt(const store_state& state, std::int64_t now);
  bool refresh(const std::vector<std::string>& codes, std::int64_t now);
  void take_over(const std::string& code, const stored_room& from, std::int64_t now);
  bool follow_room(const std::string& code, const stored_room& from, std::int64_t now);
  void replace(const std::string& code, std::optional<kept_room> by, std::int64_t now);
  void go_on_after(std::uint64_t n, const std::string& append, const std::string& lineages);

  // Repairing.
  void lose(std::int64_t now);
  void consider_repair(const store_state& state, std::int64_t now);
  [[nodiscard]] bool is_best(const store_state& state) const;
  void repair(const store_state& state, std::int64_t now);
  /// Between two steps of a repair. Returns whether this node still repairs.
  bool keep_repairing(std::int64_t now);
  [[nodiscard]] std::int64_t repair_lease() const;
  [[nodiscard]] std::set<std::string> changed_by_others(const store_state& state,
                                                        const log_part& log) const;

  void tell(update::any what);
  void tell_nodes(std::int64_t now);
  void put(const std::string& code, std::optional<kept_room> what);
  void note_log(const std::string& code, std::size_t appends);
  void remember(std::uint64_t n, std::string append);
  std::string draw_lineage();

  options how_;
  log_store& store_;
  phase phase_ = phase::starting;
  std::map<std::string, kept_room> rooms_;         ///< by code
  std::map<std::string, pending_append> pending_;  ///< by room
  std::set<std::string> long_logs_;                ///< codes of rooms
  std::vector<update::any> updates_;
  std::uint64_t told_ = 0;
  std::string failure_;
  std::set<std::string> damaged_;  ///< rooms that the store has, and nobody can read

  std::string process_;   ///< the store's, of this connection
  std::string lineages_;  ///< the latest first
  std::uint64_t lineages_drawn_ = 0;
  std::uint64_t followed_ = 0;                 ///< everything up to here is applied
  std::map<std::uint64_t, done_append> done_;  ///< own appends that were applied ahead of others
  std::deque<std::pair<std::uint64_t, std::string>> recent_;  ///< the last appends, with their ids
  std::set<std::string> suspects_;                            ///< rooms whose log does not fit
  std::uint64_t store_n_ = 0;  ///< the store's last append when it said who is there
  /// The store was ahead, and what was published may have been on its way: until the next look.
  std::optional<std::uint64_t> awaited_;

  std::uint64_t connections_ = 0;
  bool is_listening_ = false;
  bool is_deaf_ = false;  ///< it did listen, on this connection
  std::int64_t next_connect_at_ = 0;
  std::int64_t next_renewal_at_ = 0;
  std::int64_t kept_up_at_ = 0;
  node_list nodes_;
  std::optional<std::map<node_id, std::string>> told_nodes_;
  bool are_nodes_new_ = false;             ///< something has changed that matters to who lives
  std::int64_t nodes_looked_at_ = 0;       ///< when
  std::map<node_id, std::int64_t> asked_;  ///< for nodes that nobody knows: when
  std::int64_t lost_at_ = 0;
  std::optional<std::int64_t> empty_since_;  ///< at the start: others may know more
  std::set<node_id> expected_;               ///< those who may know more
  counters counted_;
};

}  // namespace downbeat::cluster
