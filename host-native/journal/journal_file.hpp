#pragma once

#include "journal/database.hpp"
#include "journal/journal_store.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
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
class journal_file final : public journal_store {
 public:
  /// Opens the journal of a folder, which is created if it is missing. Waits at most this long for
  /// another process that has it. Throws unusable_journal.
  journal_file(const std::string& folder, durability how, std::chrono::milliseconds wait);

  [[nodiscard]] const std::string& name() const override { return name_; }

  /// Reads all rooms, then brings the snapshots up to date; if that fails, `failure` says why.
  void load(const visitor& take) override;
  void visit(const visitor& take) override;

  /// Appends everything in one transaction.
  void append(std::span<const output::append> what, std::span<outcome> results) override;
  void resolve(std::span<const output::append> what, std::span<outcome> results) override;

  /// Compacts and checkpoints when there is nothing to append, or when too much has come together.
  std::optional<std::chrono::milliseconds> keep_up(bool is_idle) override;
  /// Applies some of the oldest rows of the log to the snapshots. Returns whether there are more.
  bool compact_some();
  /// Writes what is in the write-ahead log into the file itself.
  void checkpoint();

  /// What SQLite finds wrong with the pages of the file.
  std::vector<std::string> integrity_faults() override;
  void copy_to(const std::string& file) override;
  void count(journal_counters& into) const override;

  /// Ends the use of the file in order: only the file itself is left.
  void close() override;

  [[nodiscard]] std::size_t room_count() const { return rooms_.size(); }
  [[nodiscard]] std::int64_t log_rows() const { return next_log_id_ - first_log_id_; }

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
  std::atomic<std::uint64_t> counted_rows_{0};  ///< of the log, for other threads
};

}  // namespace downbeat::host
