#pragma once

#include "cluster/update.hpp"
#include "input.hpp"
#include "journal/journal_counters.hpp"
#include "journal/journal_store.hpp"
#include "log/logger.hpp"
#include "output.hpp"
#include "shard.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace downbeat::host {

/// What has become of an append.
struct append_result {
  std::uint64_t append_id;
  input::append_answered::outcome how;
};

/// What an engine must hear of.
using journal_update = std::variant<append_result, cluster::update::room_appended,
                                    cluster::update::room_replaced, cluster::update::nodes_changed>;

struct journal_updates {
  std::vector<journal_update> all;
  std::uint64_t told = 0;  ///< see `journal_store::told`
};

/// Appends to the journal in a thread of its own, so that no event loop waits for a disk or for
/// Redis. All that waits is appended together. What the store must do besides comes between.
class journal_writer {
 public:
  using job = std::function<void(journal_store& store)>;
  /// Called in the writer's thread.
  using receiver = std::function<void(shard_index to, journal_updates what)>;

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

  /// What the engines must hear of before the first client comes. Call it before `start`.
  [[nodiscard]] std::vector<cluster::update::any> take_updates() { return store_->take_updates(); }

  void start(shard_index shards, receiver told, loss_receiver lost);
  /// Queues appends of a shard, which has handled the updates up to `seen`. Thread-safe.
  void append(shard_index from, std::vector<output::append> what, std::uint64_t seen);
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
    std::uint64_t seen;
    bool is_told = false;  ///< that its outcome is unknown
  };

  using batch = std::vector<queued_append>;
  using outcomes = std::vector<journal_store::outcome>;

  void run();
  void write(batch what);
  /// Answers what is known; the rest becomes unresolved.
  void answer_known(batch what, const outcomes& results);
  void answer(const batch& what, const outcomes& results);
  /// Passes on what the store has to tell.
  void pass_updates();
  void count(input::append_answered::outcome how, std::size_t event_bytes);
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
  receiver told_;
  shard_index shards_ = 1;
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
  bool is_woken_ = false;  ///< by the store
  journal_counters published_;

  journal_counters counted_;  ///< of the writer's thread
  std::thread thread_;
};

}  // namespace downbeat::host
