#include "journal/journal_writer.hpp"

#include "io/overloaded.hpp"
#include "io/without_signals.hpp"
#include "session/canonical_code.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace downbeat::host {
namespace {

/// The least time between two commits: what comes meanwhile is one transaction. Without it, at
/// 5,500 changes a second, the p99 of a create was 20 to 30 ms instead of 10.
constexpr std::chrono::milliseconds commit_interval{2};
constexpr std::chrono::milliseconds resolve_interval{500};
constexpr std::chrono::seconds report_interval{10};

}  // namespace

journal_writer::journal_writer(std::unique_ptr<journal_store> store, logger& log)
    : store_(std::move(store)), log_(log) {}

journal_writer::~journal_writer() {
  stop();
}

void journal_writer::start(shard_index shards, receiver told, loss_receiver lost) {
  shards_ = shards;
  told_ = std::move(told);
  lost_ = std::move(lost);
  store_->wake_by([this] {
    {
      const std::lock_guard guard(mutex_);
      if (std::exchange(is_woken_, true)) return;
    }
    changed_.notify_one();
  });
  publish();
  const without_signals guard;
  thread_ = std::thread([this] { run(); });
}

void journal_writer::append(shard_index from, std::vector<output::append> what,
                            std::uint64_t seen) {
  bool is_first = false;
  {
    const std::lock_guard guard(mutex_);
    is_first = queue_.empty();
    for (output::append& one : what) queue_.push_back({from, std::move(one), seen});
  }
  // Otherwise the writer knows already that there is something to do.
  if (is_first) changed_.notify_one();
}

void journal_writer::ask(job what) {
  {
    const std::lock_guard guard(mutex_);
    jobs_.push_back(std::move(what));
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
  store_->wake_by({});
  // They hold sockets of an event loop.
  jobs_.clear();
  store_->close();
  if (is_lost_ || store_->failure().empty()) return;
  log_.write(log_level::error, "journal not given up",
             {{"journal", name()}, {"reason", store_->failure()}});
}

journal_counters journal_writer::counters() const {
  journal_counters counters;
  {
    const std::lock_guard guard(mutex_);
    counters = published_;
  }
  store_->count(counters);
  return counters;
}

void journal_writer::run() {
  std::optional<std::chrono::milliseconds> wait{0};
  for (;;) {
    batch all;
    std::vector<job> jobs;
    bool is_last = false;
    {
      std::unique_lock lock(mutex_);
      const auto is_due = [this] {
        return !queue_.empty() || !jobs_.empty() || is_stopping_ || is_woken_;
      };
      if (!unresolved_.empty()) wait = std::min(wait.value_or(resolve_interval), resolve_interval);
      const bool is_idle =
          !(wait ? changed_.wait_for(lock, *wait, is_due) : (changed_.wait(lock, is_due), true));
      if (is_idle) {
        lock.unlock();
        resolve();
        wait = keep_up(true);
        // Redis may be there again.
        resolve();
        continue;
      }
      const bool is_news = std::exchange(is_woken_, false);
      if (is_news && queue_.empty() && jobs_.empty() && !is_stopping_) {
        lock.unlock();
        wait = keep_up(false);
        continue;
      }
      // A process that ends does not wait for a disk that is away.
      if (queue_.empty() && is_stopping_) {
        lock.unlock();
        return resolve();
      }
      changed_.wait_until(lock, next_commit_at_, [this] { return is_stopping_; });
      std::swap(all, queue_);
      std::swap(jobs, jobs_);
      is_last = is_stopping_;
    }
    for (const auto& one : jobs) one(*store_);
    if (all.empty()) continue;
    next_commit_at_ = clock::now() + commit_interval;
    // What is written at the end may be of the same rooms.
    if (is_last || clock::now() >= next_resolve_at_) resolve();
    write(std::move(all));
    wait = keep_up(false);
  }
}

void journal_writer::write(batch what) {
  std::vector<output::append> all;
  all.reserve(what.size());
  std::vector<std::uint64_t> seen;
  seen.reserve(what.size());
  for (const queued_append& one : what) {
    all.push_back(one.what);
    seen.push_back(one.seen);
  }
  // Nobody acknowledges what the other process may have decided otherwise.
  outcomes results(what.size(),
                   is_lost_ ? journal_store::outcome::unknown : journal_store::outcome::failed);
  const auto begin = clock::now();
  try {
    if (!is_lost_) store_->append_after(all, seen, results);
  } catch (const unusable_journal& why) {
    give_up(why);
  }
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - begin).count());
  ++counted_.commits_total;
  counted_.commit_us_total += took;
  counted_.longest_commit_us = std::max(counted_.longest_commit_us, took);
  report_appends();
  answer_known(std::move(what), results);
  pass_updates();
  resolve();
}

void journal_writer::answer_known(batch what, const outcomes& results) {
  batch known;
  outcomes of_known;
  for (std::size_t i = 0; i < what.size(); ++i) {
    if (results[i] == journal_store::outcome::unknown) {
      unresolved_.push_back(std::move(what[i]));
    } else {
      known.push_back(std::move(what[i]));
      of_known.push_back(results[i]);
    }
  }
  answer(known, of_known);
}

void journal_writer::resolve() {
  if (unresolved_.empty() || is_lost_) return;
  std::vector<output::append> all;
  all.reserve(unresolved_.size());
  for (const queued_append& one : unresolved_) all.push_back(one.what);
  outcomes results(all.size(), journal_store::outcome::unknown);
  try {
    store_->resolve(all, results);
  } catch (const unusable_journal& why) {
    give_up(why);
  }
  next_resolve_at_ = clock::now() + resolve_interval;
  answer_known(std::exchange(unresolved_, {}), results);
  // Once, so that their callers need not wait for what may take long.
  batch untold;
  for (queued_append& one : unresolved_) {
    if (!std::exchange(one.is_told, true)) untold.push_back(one);
  }
  answer(untold, outcomes(untold.size(), journal_store::outcome::unknown));
  // That it is known what became of them does not say that the next append works.
  if (!is_lost_ && !store_->failure().empty()) report_appends();
}

// What is unresolved stays so: its callers are closed after a time, and find out elsewhere.
void journal_writer::give_up(const unusable_journal& why) {
  if (std::exchange(is_lost_, true)) return;
  log_.write(log_level::error, "journal lost", {{"journal", name()}, {"reason", why.what()}});
  lost_(why.what());
}

void journal_writer::answer(const batch& what, const outcomes& results) {
  using outcome = input::append_answered::outcome;
  std::map<shard_index, std::vector<journal_update>> by_shard;
  for (std::size_t i = 0; i < what.size(); ++i) {
    outcome how = outcome::unknown;
    switch (results[i]) {
      case journal_store::outcome::appended: how = outcome::appended; break;
      case journal_store::outcome::failed: how = outcome::failed; break;
      case journal_store::outcome::unknown: break;
      case journal_store::outcome::told: continue;
    }
    count(how, what[i].what.events.size());
    by_shard[what[i].from].emplace_back(append_result{what[i].what.append_id, how});
  }
  for (auto& [shard, of_shard] : by_shard) told_(shard, {std::move(of_shard), store_->told()});
}

void journal_writer::count(input::append_answered::outcome how, std::size_t event_bytes) {
  if (how == input::append_answered::outcome::appended) {
    ++counted_.appends_total;
    counted_.event_bytes_total += event_bytes;
  } else if (how == input::append_answered::outcome::failed) {
    ++counted_.failed_appends_total;
  }
}

void journal_writer::pass_updates() {
  std::map<shard_index, std::vector<journal_update>> by_shard;
  const auto queue_of = [&](const std::string& room) -> std::vector<journal_update>& {
    const auto key = session::canonicalize(room);
    return by_shard[key ? session::shard_of(*key, shards_) : 0];
  };
  for (cluster::update::any& update : store_->take_updates()) {
    std::visit(overloaded{[&](cluster::update::append_answered& one) {
                            count(one.how, one.event_bytes);
                            queue_of(one.room).emplace_back(append_result{one.append_id, one.how});
                          },
                          [&](cluster::update::nodes_changed& one) {
                            for (shard_index i = 0; i < shards_; ++i) by_shard[i].emplace_back(one);
                          },
                          [&](auto& one) { queue_of(one.room).emplace_back(std::move(one)); }},
               update);
  }
  for (auto& [shard, of_shard] : by_shard) told_(shard, {std::move(of_shard), store_->told()});
}

std::optional<std::chrono::milliseconds> journal_writer::keep_up(bool is_idle) {
  std::optional<std::chrono::milliseconds> next;
  try {
    if (!is_lost_) next = store_->keep_up(is_idle);
    report_upkeep();
  } catch (const unusable_journal& why) {
    give_up(why);
  }
  pass_updates();
  publish();
  return next;
}

void journal_writer::report_appends() {
  if (is_lost_) return;
  if (store_->failure().empty()) {
    if (!std::exchange(is_reported_, false)) return;
    return log_.write(log_level::info, "journal written again", {{"journal", name()}});
  }
  if (!may_report(next_report_at_)) return;
  is_reported_ = true;
  log_.write(log_level::error, "journal not written",
             {{"journal", name()}, {"reason", store_->failure()}});
}

bool journal_writer::may_report(clock::time_point& next) {
  // A full disk must not fill the log, too.
  if (clock::now() < next) return false;
  next = clock::now() + report_interval;
  return true;
}

void journal_writer::report_upkeep() {
  if (store_->failure().empty() || !may_report(next_upkeep_report_at_)) return;
  log_.write(log_level::error, "journal not kept up",
             {{"journal", name()}, {"reason", store_->failure()}});
}

void journal_writer::publish() {
  const std::lock_guard guard(mutex_);
  published_ = counted_;
}

}  // namespace downbeat::host
