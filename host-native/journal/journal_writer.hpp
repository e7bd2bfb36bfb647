#pragma once

#include "input.hpp"
#include "journal/journal_counters.hpp"
#include "journal/journal_file.hpp"
#include "log/logger.hpp"
#include "output.hpp"
#include "shard.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace downbeat::host {

/// What has become of an append.
struct append_result {
  std::uint64_t append_id;
  input::append_answered::outcome how;
};

/// Appends to the journal in a thread of its own, so that no event loop waits for the disk. All
/// that waits becomes one transaction. Compaction and checkpoints come when there is nothing to
/// append, or when too much has come together.
class journal_writer {
 public:
  /// Called in the writer's thread.
  using receiver = std::function<void(shard_index to, std::vector<append_result> results)>;

  journal_writer(std::unique_ptr<journal_file> file, logger& log);
  journal_writer(const journal_writer&) = delete;
  journal_writer& operator=(const journal_writer&) = delete;
  /// Writes everything that waits.
  ~journal_writer();

  /// See `journal_file::load`. Call it before `start`.
  void load(const journal_file::visitor& take) {
    file_->load(take);
    report_compaction();
  }
  [[nodiscard]] const std::string& file() const { return file_->file(); }

  void start(receiver answered);
  /// Queues appends of a shard. Thread-safe.
  void append(shard_index from, std::vector<output::append> what);
  /// Calls this with the file in the writer's thread, between two transactions. Thread-safe. Jobs
  /// that are still waiting when the writer stops are not done.
  void ask(std::function<void(journal_file& file)> job);
  /// Writes everything that waits, and ends the thread. No answers come any more.
  void stop();

  /// Thread-safe.
  [[nodiscard]] journal_counters counters() const;

 private:
  using clock = std::chrono::steady_clock;

  struct queued_append {
    shard_index from;
    output::append what;
  };

  void run();
  void write(const std::vector<queued_append>& batch);
  void answer(const std::vector<queued_append>& batch,
              const std::vector<journal_file::outcome>& results);
  /// Waits until it is known what became of a commit.
  void resolve(const std::vector<queued_append>& batch,
               std::vector<journal_file::outcome>& results);
  /// Returns whether there is more to do.
  bool compact(bool is_idle);
  /// Whether a fault may be logged now.
  bool may_report();
  void report_compaction();
  void publish();

  std::unique_ptr<journal_file> file_;
  logger& log_;
  receiver answered_;
  clock::time_point next_report_at_{};
  clock::time_point next_commit_at_{};
  bool is_reported_ = false;  ///< that appends fail

  mutable std::mutex mutex_;  ///< of the members below
  std::condition_variable changed_;
  std::vector<queued_append> queue_;
  std::vector<std::function<void(journal_file& file)>> jobs_;
  bool is_stopping_ = false;
  journal_counters published_;

  journal_counters counted_;  ///< of the writer's thread
  std::thread thread_;
};

}  // namespace downbeat::host
