#pragma once

#include "journal/database.hpp"
#include "output.hpp"
#include "session/room.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::host {

/// What acknowledged changes survive.
enum class durability : std::uint8_t {
  process,  ///< the end of the process, also by `kill -9`
  power,    ///< also a crash of the machine
};

/// The journal of a folder cannot be used. The text is one line for the operator.
class unusable_journal : public std::runtime_error {
 public:
  enum class reason : std::uint8_t {
    in_use,      ///< another process has it
    unreadable,  ///< damaged, of another program, of a newer version, or not to be written
  };

  unusable_journal(const std::string& what, reason why) : std::runtime_error(what), why_(why) {}

  [[nodiscard]] reason why() const { return why_; }

 private:
  reason why_;
};

/// The logs of all rooms, in one file of SQLite, `sessions.db` in a folder.
///
///     room   the state of each room as it was some time ago, a snapshot
///     log    the events since, in the order in which they were appended
///
/// An append adds one row to the log. Compaction applies the oldest rows to the snapshots and
/// removes them. Rooms are numbered in the file, because their codes are used again.
///
/// Only one connection may ever use the file (a bug of SQLite before 3.51.3 loses pages if two
/// checkpoint at one time), and it locks out all other processes.
class journal_file {
 public:
  /// What became of an append.
  enum class outcome : std::uint8_t {
    appended,
    failed,   ///< nothing of it is in the file
    unknown,  ///< call `resolve`
  };

  /// Opens the journal of a folder, which is created if it is missing. Waits at most this long for
  /// another process that has it. Throws unusable_journal.
  journal_file(const std::string& folder, durability how, std::chrono::milliseconds wait);

  /// Gets the state of a room, and its snapshot as `session::write_snapshot` writes it.
  using visitor = std::function<void(const session::room& state, std::string_view snapshot)>;

  /// Reads all rooms, then brings the snapshots up to date; if that fails, `failure` says why. Call
  /// it once, before anything is appended. Throws unusable_journal.
  void load(const visitor& take);
  /// The same later, of the present state.
  void visit(const visitor& take);

  /// Appends all or nothing, and commits. Each gets its outcome in `results`. On an error,
  /// `failure` says why, for the operator.
  void append(std::span<const output::append> what, std::span<outcome> results);
  /// Finds out what became of appends whose outcome is unknown; nothing if that is not possible
  /// yet.
  std::optional<outcome> resolve();
  /// Why the last call failed; empty if it did not.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// Applies some of the oldest rows of the log to the snapshots. Returns whether there are more.
  bool compact_some();
  /// Writes what is in the write-ahead log into the file itself.
  void checkpoint();

  /// What SQLite finds wrong with the pages of the file.
  std::vector<std::string> integrity_faults();
  /// Copies the file into a new one, readable for its owner only. Throws std::exception.
  void copy_to(const std::string& file);

  /// Ends the use of the file in order: only the file itself is left.
  void close();

  [[nodiscard]] std::size_t room_count() const { return rooms_.size(); }
  [[nodiscard]] std::int64_t log_rows() const { return next_log_id_ - first_log_id_; }
  /// Pages in the write-ahead log.
  [[nodiscard]] std::int64_t wal_pages() const { return wal_pages_; }
  // Sizes of the files. Thread-safe.
  [[nodiscard]] std::int64_t wal_bytes() const;
  [[nodiscard]] std::int64_t file_bytes() const;
  [[nodiscard]] const std::string& file() const { return name_; }

 private:
  struct live_room {
    std::int64_t id;
    std::uint64_t head;
  };

  /// An append that is being committed.
  struct change {
    std::string code;
    live_room room;  ///< as it is then; its head is 0 if it has ended
    std::int64_t row;
    std::size_t index;  ///< of the results
  };

  /// Not after a `resolve` in vain.
  [[nodiscard]] bool is_open() const { return insert_.has_value(); }
  void create();
  void open(std::chrono::milliseconds wait);
  void refuse_newer(std::int64_t version) const;
  [[noreturn]] void damaged(const std::string& what) const;
  [[nodiscard]] live_room find(const std::string& code) const;
  void take_committed();
  void roll_back() noexcept;
  void add(std::int64_t id, const session::room& state, std::string_view snapshot,
           const visitor& take);
  [[nodiscard]] session::room read(std::int64_t room, std::string_view snapshot) const;
  /// The rooms that the log changes up to a row, in their state after it. Rooms that have ended
  /// have none.
  std::map<std::int64_t, std::optional<session::room>> read_log(std::int64_t end);
  void compact_all(const std::map<std::int64_t, std::optional<session::room>>& changed);
  /// Rooms without a state are deleted.
  void write_states(const std::map<std::int64_t, std::optional<session::room>>& states);

  std::string name_;
  durability durability_;
  std::string failure_;
  int wal_pages_ = 0;
  std::optional<database> database_;
  std::optional<statement> insert_;
  std::vector<change> committing_;
  std::unordered_map<std::string, live_room> rooms_;  ///< by code
  // Rooms that have ended, with the row of the log that says so. Compaction deletes them unread.
  std::unordered_map<std::int64_t, std::int64_t> ended_;
  std::int64_t next_room_id_ = 1;
  std::int64_t first_log_id_ = 1;
  std::int64_t next_log_id_ = 1;
};

}  // namespace downbeat::host
