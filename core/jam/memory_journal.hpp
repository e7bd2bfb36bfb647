#pragma once

#include "base/time.hpp"
#include "input.hpp"
#include "output.hpp"
#include "session/event.hpp"
#include "session/room.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam {

/// Faults that the journal simulates for tests and demonstrations.
struct journal_faults {
  std::int64_t delay_ms = 0;  ///< from an append to its answer
  bool fails = false;         ///< nothing is written
  bool is_unknown = false;    ///< first answer `unknown`, the result after another delay
  bool conflicts = false;     ///< another writer appends events first
};

/// The logs of rooms in memory. A host uses it to answer `output::append`. It writes an append at
/// once and returns the answer when it is due.
class memory_journal {
 public:
  struct answer {
    std::uint64_t append_id;
    input::append_answered::outcome how;
    std::string events;  ///< of a conflict

    /// The input for the engine. It refers to this object.
    [[nodiscard]] input::append_answered as_input() const { return {append_id, how, events}; }
  };

  /// Applies to every append from now on.
  void set_faults(const journal_faults& to) { faults_ = to; }

  /// Writes an append and queues its answer.
  void append(instant_ms now, const output::append& what);

  /// When the next answer is due; nothing if there is none.
  [[nodiscard]] std::optional<instant_ms> next_due() const;
  /// Removes and returns the next answer that is due at `now`. Answers to one append come in order.
  std::optional<answer> take_due(instant_ms now);

  /// A new engine goes on with these logs; its append ids begin at 1. Answers to the old engine are
  /// dropped.
  void restart();
  /// Like `restart`, but the last append of every room is lost, as when a store fails before it
  /// writes to disk.
  void forget();

  /// The state of every room, computed from its log, sorted by code.
  [[nodiscard]] std::vector<session::room> rooms() const;
  /// The log of a room, or null.
  [[nodiscard]] const std::vector<session::any_event>* log_of(const std::string& room) const;
  /// The number of rooms that are not closed.
  [[nodiscard]] std::size_t room_count() const { return logs_.size(); }

 private:
  struct log {
    std::vector<session::any_event> events;
    std::size_t before_last = 0;  ///< number of events before the last append
  };

  void write(const std::string& room, const std::vector<session::any_event>& events);
  [[nodiscard]] std::vector<session::any_event> events_of_others(const std::string& room) const;

  journal_faults faults_;
  std::map<std::string, log> logs_;
  std::set<std::uint64_t> written_;
  std::map<std::pair<instant_ms, std::uint64_t>, answer> due_;  ///< by time and order
  std::uint64_t answers_ = 0;
};

}  // namespace downbeat::jam
