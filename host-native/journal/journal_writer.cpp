#include "journal/journal_writer.hpp"

#include "io/without_signals.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace downbeat::host {
namespace {

/// Compaction begins with this many rows of the log even if appends keep coming.
constexpr std::int64_t most_log_rows = 16'384;
/// The same of a checkpoint (64 MiB). Appends wait meanwhile, up to 100 ms on a slow disk.
constexpr std::int64_t most_wal_pages = 16 * 1024;
/// The least time between two commits: what comes meanwhile is one transaction. Without it, at
/// 5,500 changes a second, the p99 of a create was 20 to 30 ms instead of 10.
constexpr std::chrono::milliseconds commit_interval{2};
/// Without appends for so long the journal is idle.
constexpr std::chrono::milliseconds idle_time{250};
constexpr std::chrono::milliseconds resolve_interval{500};
constexpr std::chrono::seconds report_interval{10};

}  // namespace

journal_writer::journal_writer(std::unique_ptr<journal_file> file, logger& log)
    : file_(std::move(file)), log_(log) {}

journal_writer::~journal_writer() {
  stop();
}

void journal_writer::start(receiver answered) {
  answered_ = std::move(answered);
  publish();
  const without_signals guard;
  thread_ = std::thread([this] { run(); });
}

void journal_writer::append(shard_index from, std::vector<output::append> what) {
  bool is_first = false;
  {
    const std::lock_guard guard(mutex_);
    is_first = queue_.empty();
    for (output::append& one : what) queue_.push_back({from, std::move(one)});
  }
  // Otherwise the writer knows already that there is something to do.
  if (is_first) changed_.notify_one();
}

void journal_writer::ask(std::function<void(journal_file& file)> job) {
  {
    const std::lock_guard guard(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void journal_writer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  // They hold sockets of an event loop.
  jobs_.clear();
  file_->close();
  report_compaction();
}

journal_counters journal_writer::counters() const {
  journal_counters counters;
  {
    const std::lock_guard guard(mutex_);
    counters = published_;
  }
  counters.wal_bytes = static_cast<std::uint64_t>(file_->wal_bytes());
  counters.file_bytes = static_cast<std::uint64_t>(file_->file_bytes());
  return counters;
}

void journal_writer::run() {
  bool has_more_to_compact = true;
  std::vector<queued_append> batch;
  std::vector<std::function<void(journal_file & file)>> jobs;
  for (;;) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      const auto is_due = [this] { return !queue_.empty() || !jobs_.empty() || is_stopping_; };
      const bool is_idle = !(has_more_to_compact ? changed_.wait_for(lock, idle_time, is_due)
                                                 : (changed_.wait(lock, is_due), true));
      if (is_idle) {
        lock.unlock();
        has_more_to_compact = compact(true);
        continue;
      }
      if (queue_.empty() && is_stopping_) return;
      changed_.wait_until(lock, next_commit_at_, [this] { return is_stopping_; });
      std::swap(batch, queue_);
      std::swap(jobs, jobs_);
    }
    for (const auto& job : jobs) job(*file_);
    jobs.clear();
    if (batch.empty()) continue;
    next_commit_at_ = clock::now() + commit_interval;
    write(batch);
    has_more_to_compact = true;
    compact(false);
    publish();
  }
}

void journal_writer::write(const std::vector<queued_append>& batch) {
  std::vector<output::append> all;
  all.reserve(batch.size());
  for (const queued_append& one : batch) all.push_back(one.what);
  std::vector<journal_file::outcome> results(batch.size());
  const auto begin = clock::now();
  file_->append(all, results);
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - begin).count());
  ++counted_.commits_total;
  counted_.commit_us_total += took;
  counted_.longest_commit_us = std::max(counted_.longest_commit_us, took);
  const bool is_unknown =
      std::find(results.begin(), results.end(), journal_file::outcome::unknown) != results.end();
  if (!file_->failure().empty()) {
    if (may_report()) {
      is_reported_ = true;
      log_.write(log_level::error, "journal not written",
                 {{"file", file_->file()}, {"reason", file_->failure()}});
    }
  } else if (std::exchange(is_reported_, false)) {
    log_.write(log_level::info, "journal written again", {{"file", file_->file()}});
  }
  if (is_unknown) resolve(batch, results);
  answer(batch, results);
}

void journal_writer::resolve(const std::vector<queued_append>& batch,
                             std::vector<journal_file::outcome>& results) {
  bool is_told = false;
  for (;;) {
    const auto how = file_->resolve();
    if (how) {
      std::replace(results.begin(), results.end(), journal_file::outcome::unknown, *how);
      return;
    }
    if (may_report()) {
      log_.write(log_level::error, "journal not opened again",
                 {{"file", file_->file()}, {"reason", file_->failure()}});
    }
    if (!std::exchange(is_told, true)) answer(batch, results);
    std::unique_lock lock(mutex_);
    // A process that ends does not wait for a disk that is away.
    if (changed_.wait_for(lock, resolve_interval, [this] { return is_stopping_; })) {
      lock.unlock();
      std::replace(results.begin(), results.end(), journal_file::outcome::unknown,
                   journal_file::outcome::failed);
      return;
    }
  }
}

void journal_writer::answer(const std::vector<queued_append>& batch,
                            const std::vector<journal_file::outcome>& results) {
  using outcome = input::append_answered::outcome;
  std::map<shard_index, std::vector<append_result>> by_shard;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    outcome how = outcome::unknown;
    if (results[i] == journal_file::outcome::appended) {
      how = outcome::appended;
      ++counted_.appends_total;
      counted_.event_bytes_total += batch[i].what.events.size();
    } else if (results[i] == journal_file::outcome::failed) {
      how = outcome::failed;
      ++counted_.failed_appends_total;
    }
    by_shard[batch[i].from].push_back({batch[i].what.append_id, how});
  }
  for (auto& [shard, of_shard] : by_shard) answered_(shard, std::move(of_shard));
}

bool journal_writer::compact(bool is_idle) {
  bool has_more = false;
  if (is_idle || file_->log_rows() > most_log_rows) {
    has_more = file_->compact_some();
    report_compaction();
  }
  const bool is_large = file_->wal_pages() > most_wal_pages;
  if (is_large || (is_idle && !has_more)) {
    file_->checkpoint();
    report_compaction();
  }
  publish();
  return has_more;
}

bool journal_writer::may_report() {
  // A full disk must not fill the log, too.
  if (clock::now() < next_report_at_) return false;
  next_report_at_ = clock::now() + report_interval;
  return true;
}

void journal_writer::report_compaction() {
  if (file_->failure().empty() || !may_report()) return;
  log_.write(log_level::error, "journal not compacted",
             {{"file", file_->file()}, {"reason", file_->failure()}});
}

void journal_writer::publish() {
  counted_.log_rows = static_cast<std::uint64_t>(file_->log_rows());
  const std::lock_guard guard(mutex_);
  published_ = counted_;
}

}  // namespace downbeat::host
