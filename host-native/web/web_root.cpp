#include "web/web_root.hpp"

#include "io/without_signals.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::host {
namespace {

// Polling a folder may take at most one part in this many of one processor's time: large folders
// are polled less often.
constexpr int share_of_time = 50;

// One log line for all files that cannot be read.
std::string summary_of(const std::vector<std::string>& problems) {
  if (problems.empty()) return {};
  const std::string& first = problems.front();
  if (problems.size() == 1) return first;
  return first + ", and " + std::to_string(problems.size() - 1) + " more";
}

}  // namespace

web_root::web_root(std::filesystem::path folder, logger& log, static_files::limits most)
    : folder_(std::move(folder)),
      log_(log),
      most_(most),
      files_(std::make_shared<const static_files>(static_files::read(folder_, {}, most_))) {
  log_problem(summary_of(files_->problems()));
}

web_root::~web_root() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const static_files> web_root::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

void web_root::keep_up(std::chrono::milliseconds interval) {
  const without_signals guard;
  thread_ = std::thread([this, interval] { run(interval); });
}

void web_root::run(std::chrono::milliseconds interval) {
  using clock = std::chrono::steady_clock;
  clock::duration wait = interval;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, wait, [this] { return is_stopped_; })) return;
    }
    const auto begin = clock::now();
    read_again();
    wait = std::max<clock::duration>(interval, (clock::now() - begin) * share_of_time);
  }
}

void web_root::read_again() {
  std::string problem;
  try {
    auto fresh = std::make_shared<const static_files>(static_files::read(folder_, *files_, most_));
    problem = summary_of(fresh->problems());
    const std::lock_guard lock(mutex_);
    files_.swap(fresh);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  log_problem(problem);
}

// A problem is logged once, not every second.
void web_root::log_problem(const std::string& about) {
  if (about == last_problem_) return;
  if (about.empty()) {
    log_.write(log_level::info, "web root is read again");
  } else {
    log_.write(log_level::warn, "web root not read, the last good one is served",
               {{"reason", about}});
  }
  last_problem_ = about;
}

}  // namespace downbeat::host
