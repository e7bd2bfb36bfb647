#pragma once

#include "node.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Several nodes on one store. The store orders what they append; each node has a replica of all
/// rooms and follows the others.
namespace downbeat::cluster {

/// The end of a room's log. Two logs that end with the same chain have the same appends.
struct log_head {
  std::uint64_t seq = 0;     ///< events in the log; 0: there is no such room
  std::string chain = {};    ///< a hash of all appends; empty without a room
  std::string append = {};   ///< id of the last append; empty without a room
  std::string lineage = {};  ///< in which that was appended; empty if nobody knows
};

/// An append in the log of all rooms.
struct log_entry {
  std::uint64_t n = 0;  ///< its number in this log
  std::string room;     ///< the room's code; `*` if it is a mark, which changes no room
  std::string append;   ///< its id; of a mark the lineage that begins with it
  std::uint64_t seq = 0;
  std::string chain;
  std::uint64_t new_seq = 0;  ///< 0: the log of this room has ended
  std::string new_chain;
  std::string events;  ///< a JSON array

  friend bool operator==(const log_entry&, const log_entry&) = default;
};

/// A part of the log of all rooms, in order.
struct log_part {
  std::vector<log_entry> entries;  ///< those that cannot be read have no room
  bool is_complete = true;         ///< there are no more
};

/// A room with its log since the last snapshot.
struct stored_room {
  log_head head;
  std::string state;  ///< the snapshot; empty if the log has everything
  struct append {
    std::string id;
    std::string events;
  };
  std::vector<append> log;
};

/// What a room is to be in the store.
struct room_to_write {
  std::string room;
  log_head head;      ///< without a room: it is removed
  std::string state;  ///< a snapshot
};

/// Who asks. An earlier connection of the same node cannot change anything any more.
struct sender {
  node_id node = 0;
  std::uint64_t connection = 0;
};

/// A node as it has announced itself.
struct announced_node {
  node_id node = 0;
  std::string text;          ///< what it has said of itself, see `announcement`
  bool is_heard_of = false;  ///< not longer ago than its lease
};

/// What the store knows besides rooms.
struct store_state {
  std::uint64_t n = 0;                ///< of the last append
  std::string last;                   ///< the id of that append; empty if the log does not have it
  std::string lineage;                ///< its lineages, the latest first, with spaces between
  node_id repaired_by = 0;            ///< the node that is repairing it
  std::vector<announced_node> nodes;  ///< ordered by id
};

/// What became of an append.
struct append_answer {
  enum class outcome : std::uint8_t {
    appended,
    repeated,   ///< it is the last one in the room's log already
    conflict,   ///< the room's head is another
    stranger,   ///< the store is of another lineage, or does not know this connection
    repairing,  ///< another node is repairing the store
    refused,    ///< the store cannot, see `failure`; nothing is appended
    unknown,    ///< the connection was lost, or the store has failed in the middle
  };

  outcome how = outcome::unknown;
  std::uint64_t n = 0;          ///< of an append
  std::size_t log_appends = 0;  ///< in the room's log since its last snapshot
};

/// The store that all nodes share, with what it does in one step each. Without a connection every
/// call but `connect` returns nothing (or false) at once, and so does one during which the
/// connection is lost; then nobody knows whether the store has done it.
class log_store {
 public:
  log_store() = default;
  log_store(const log_store&) = delete;
  log_store& operator=(const log_store&) = delete;
  virtual ~log_store() = default;

  /// Connects anew. Returns the id of the process that is the store now. Without success `failure`
  /// says why.
  virtual std::optional<std::string> connect() = 0;
  virtual void disconnect() = 0;
  [[nodiscard]] virtual bool is_connected() const = 0;
  /// Why the last call returned nothing, or why an append was refused: for the operator, without
  /// secrets.
  [[nodiscard]] virtual const std::string& failure() const = 0;

  /// Says that this node lives, for so many milliseconds. The text gets the store's lineages at its
  /// end. With `is_news` the other nodes hear of it at once.
  virtual std::optional<store_state> announce(const sender& who, std::string_view text,
                                              std::int64_t lease_ms, bool is_news) = 0;
  /// This node stops: it is not one of the nodes any more.
  virtual bool leave(const sender& who) = 0;
  /// Removes a node, unless it is heard of.
  virtual bool remove_node(node_id which) = 0;

  /// Begins the first lineage, unless the store has one.
  virtual bool begin_lineage(std::string_view lineage) = 0;

  /// Appends each or nothing of it, in this order, and gives it the next number, if the store is of
  /// this lineage and the room's head is as in the entry. The others get it by `published`.
  virtual void append(const sender& who, std::string_view lineage, std::span<const log_entry> what,
                      std::span<append_answer> answers) = 0;

  /// The log of all rooms from a number on, at most so many entries.
  virtual std::optional<log_part> read_log(std::uint64_t from, std::size_t most) = 0;
  /// The heads of all rooms, by code.
  virtual std::optional<std::map<std::string, log_head>> read_heads() = 0;
  /// These rooms, in this order; without a head if there is none.
  virtual std::optional<std::vector<stored_room>> read_rooms(
      std::span<const std::string> codes) = 0;

  /// Replaces logs by snapshots, where the head is still this one. Returns how many it has.
  virtual std::optional<std::size_t> compact(std::span<const room_to_write> what) = 0;

  // Repairing. Meanwhile nobody else can append. Each step fails if somebody else repairs, and
  // extends the time for which this node may.

  virtual bool begin_repair(const sender& who, std::int64_t lease_ms) = 0;
  /// Does nothing else.
  virtual bool keep_repairing(const sender& who, std::int64_t lease_ms) = 0;
  /// Puts these in place of whatever is there.
  virtual bool write(const sender& who, std::int64_t lease_ms,
                     std::span<const room_to_write> what) = 0;
  /// The log of all rooms goes on with a mark, in these lineages. Returns its number, which is this
  /// one or a later one that no append has; 0 if it fails.
  virtual std::uint64_t end_repair(const sender& who, std::uint64_t n,
                                   std::string_view lineages) = 0;
};

}  // namespace downbeat::cluster
