#pragma once

#include "input.hpp"
#include "journal/journal_counters.hpp"
#include "journal/journal_store.hpp"
#include "log/logger.hpp"
#include "output.hpp"
#include "shard.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

/// Appends to the journal in a thread of its own, so that no event loop waits for a disk or for
/// Redis. All that waits is appended together. What the store must do besides comes between.
class journal_writer {
 public:
  using job = std::function<void(journal_store& store)>;
  /// Called in the writer's thread.
  using receiver = std::function<void(shard_index to, std::vector<append_result> results)>;

  /// Called once, in the writer's thread, if another process has taken the store. From then on
  /// every append fails.
  using loss_receiver = std::function<void(const std::string& why)>;

  journal_writer(std::unique_ptr<journal_store> store, logger& log);
  journal_writer(const journal_writer&) = delete;
  journal_writer& operator=(const journal_writer&) = delete;
  /// Writes everything that waits.
  ~journal_writer();

  /// See `journal_store::load`. Call it before `start`.
  void load(const journal_store::visitor& take) {
    store_->load(take);
    report_upkeep();
  }
  [[nodiscard]] const std::string& name() const { return store_->name(); }

  void start(receiver answered, loss_receiver lost);
  /// Queues appends of a shard. Thread-safe.
  void append(shard_index from, std::vector<output::append> what);
  /// Calls this with the store in the writer's thread, between two batches. Thread-safe. Jobs that
  /// are still waiting when the writer stops are not done.
  void ask(job what);
  /// Writes everything that waits, and ends the thread. No answers come any more.
  void stop();

  /// Thread-safe.
  [[nodiscard]] journal_counters counters() const;

 private:
  using clock = std::chrono::steady_clock;

  struct queued_append {
    shard_index from;
    output::append what;
    bool is_told = false;  ///< that its outcome is unknown
  };

  using batch = std::vector<queued_append>;
  using outcomes = std::vector<journal_store::outcome>;

  void run();
  void write(batch what);
  /// Answers what is known; the rest becomes unresolved.
  void answer_known(batch what, const outcomes& results);
  void answer(const batch& what, const outcomes& results);
  /// Tries to find out what became of an earlier batch.
  void resolve();
  /// Returns when to do it again, see `journal_store::keep_up`.
  std::optional<std::chrono::milliseconds> keep_up(bool is_idle);
  void give_up(const unusable_journal& why);
  /// Whether a fault may be logged now.
  static bool may_report(clock::time_point& next);
  void report_appends();
  void report_upkeep();
  void publish();

  std::unique_ptr<journal_store> store_;
  logger& log_;
  receiver answered_;
  loss_receiver lost_;
  clock::time_point next_report_at_{};
  clock::time_point next_upkeep_report_at_{};
  clock::time_point next_commit_at_{};
  clock::time_point next_resolve_at_{};
  batch unresolved_;          ///< what has become of it is not known
  bool is_reported_ = false;  ///< that appends fail
  bool is_lost_ = false;      ///< the store belongs to another process

  mutable std::mutex mutex_;  ///< of the members below
  std::condition_variable changed_;
  batch queue_;
  std::vector<job> jobs_;
  bool is_stopping_ = false;
  journal_counters published_;

  journal_counters counted_;  ///< of the writer's thread
  std::thread thread_;
};

}  // namespace downbeat::host
