#include "log/line_writer.hpp"

#include "io/without_signals.hpp"
#include "log/line.hpp"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::host {
namespace {

// Limit on bytes that wait for the reader: about ten thousand lines. The writing thread may hold as
// much again.
constexpr std::size_t most_waiting_bytes = 1024 * 1024;
// The memory that a line takes besides its text.
constexpr std::size_t line_bytes = 64;
// The most bytes for one write.
constexpr std::size_t piece_bytes = 64 * 1024;

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

log_level level_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::warn: return log_level::warn;
    case spdlog::level::err:
    case spdlog::level::critical: return log_level::error;
    case spdlog::level::info: return log_level::info;
    case spdlog::level::off: return log_level::off;
    default: return log_level::debug;
  }
}

std::string_view colour_of(log_level level) {
  switch (level) {
    case log_level::info: return "\033[32m";
    case log_level::warn: return "\033[33m\033[1m";
    case log_level::error: return "\033[31m\033[1m";
    default: return "\033[36m";
  }
}

// Formats a level by its name in --log-level; spdlog's own name for `warn` is `warning`.
class level_name final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& to) override {
    std::string name(name_of(level_of(line.level)));
    name.resize(std::max<std::size_t>(name.size(), 7), ' ');
    to.append(name.data(), name.data() + name.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<level_name>();
  }
};

std::unique_ptr<spdlog::formatter> formatter_for(log_format format) {
  auto made = std::make_unique<spdlog::pattern_formatter>();
  made->add_flag<level_name>('*');
  made->set_pattern(format == log_format::json ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%*%$ %v");
  return made;
}

// Writes lines to the standard output with write(2). stdio's buffer would block the exit if nobody
// reads. Used by one thread only.
class output final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit output(log_format format)
      : base_sink(formatter_for(format)), has_colours_(::isatty(STDOUT_FILENO) != 0) {}

  /// The number of lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

  /// Tries to write the pending line. It does not count as lost if that fails. Returns whether it
  /// was written.
  bool try_to_write() {
    const bool is_written = write_out().empty();
    pending_.clear();
    return is_written;
  }

  void take(const std::string& line) {
    pending_.append(line) += '\n';
    if (pending_.size() >= piece_bytes) write_pending();
  }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    const std::string_view all(text.data(), text.size());
    const std::size_t begin = line.color_range_start;
    const std::size_t end = line.color_range_end;
    if (has_colours_ && end > begin) {
      pending_.append(all.substr(0, begin)).append(colour_of(level_of(line.level)));
      pending_.append(all.substr(begin, end - begin)).append("\033[m").append(all.substr(end));
    } else {
      pending_.append(all);
    }
    if (pending_.size() >= piece_bytes) write_pending();
  }

  void flush_() override { write_pending(); }

  void write_pending() {
    const std::string_view rest = write_out();
    lost_ += static_cast<std::uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
    pending_.clear();
  }

  /// Writes the pending lines and returns the rest that could not be written.
  std::string_view write_out() {
    std::string_view rest = pending_;
    while (!rest.empty()) {
      // After a line that was cut short, begin a new line.
      const std::string_view next = is_cut_ ? std::string_view("\n") : rest;
      const ssize_t written = ::write(STDOUT_FILENO, next.data(), next.size());
      if (written > 0) {
        if (!std::exchange(is_cut_, false)) rest.remove_prefix(static_cast<std::size_t>(written));
        continue;
      }
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        pollfd out{STDOUT_FILENO, POLLOUT, 0};
        ::poll(&out, 1, -1);
        continue;
      }
      is_cut_ = is_cut_ || (rest.size() < pending_.size() && rest.data()[-1] != '\n');
      break;
    }
    return rest;
  }

  const bool has_colours_;
  std::string pending_;
  std::atomic<std::uint64_t> lost_ = 0;
  bool is_cut_ = false;  ///< the output ends in the middle of a line
};

struct waiting_line {
  spdlog::log_clock::time_point when;
  log_level level;  ///< off: without time and level
  std::string text;
};

}  // namespace

// spdlog formats time, colours and levels. Its own asynchronous queue is not used: it allocates all
// of its slots at the start (3 MiB for 8,000 lines; a server without connections has 5 MiB in all).
class line_writer::impl {
 public:
  explicit impl(log_format format)
      : format_(format), output_(std::make_shared<output>(format)), log_("downbeat", output_) {
    log_.set_level(spdlog::level::trace);
    const without_signals guard;
    thread_ = std::thread([this] { run(); });
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    {
      const std::lock_guard lock(mutex_);
      is_ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void write(log_level level, std::string text) {
    const auto now = spdlog::log_clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (waiting_bytes_ + text.size() + line_bytes > most_waiting_bytes) {
        ++dropped_;
        return;
      }
      const bool is_idle = waiting_.empty();
      if (dropped_ > reported_dropped_) {
        add({now, log_level::warn,
             words_for(dropped_ - std::exchange(reported_dropped_, dropped_))});
      }
      add({now, level, std::move(text)});
      if (!is_idle) return;
    }
    changed_.notify_all();
  }

  bool finish(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, most, [&] { return waiting_.empty() && !is_writing_; });
  }

  [[nodiscard]] std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_ + output_->lost();
  }

 private:
  void add(waiting_line line) {
    waiting_bytes_ += line.text.size() + line_bytes;
    waiting_.push_back(std::move(line));
  }

  [[nodiscard]] std::string words_for(std::uint64_t missing) const {
    const std::string event =
        std::to_string(missing) +
        (missing == 1 ? " line of the log was dropped" : " lines of the log were dropped");
    const log_field fields[] = {
        {"reason", "the reader of the standard output is too slow or has gone"}};
    return format_ == log_format::json
               ? json_line(utc_now(), name_of(log_level::warn), event, fields)
               : text_line(event, fields);
  }

  // If this line cannot be written, it does not count as lost.
  void report_lost_lines() {
    const std::uint64_t lost = output_->lost();
    if (lost == reported_lost_) return;
    log_.log(spdlog::level::warn, words_for(lost - reported_lost_));
    if (output_->try_to_write()) reported_lost_ = lost;
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const std::vector<waiting_line> lines = std::exchange(waiting_, {});
      waiting_bytes_ = 0;
      is_writing_ = true;
      lock.unlock();
      report_lost_lines();
      for (const waiting_line& one : lines) {
        if (one.level == log_level::off) {
          output_->take(one.text);
        } else {
          log_.log(one.when, {}, spdlog_level(one.level), spdlog::string_view_t(one.text));
        }
      }
      log_.flush();
      lock.lock();
      is_writing_ = false;
      idle_.notify_all();
    }
  }

  const log_format format_;
  std::shared_ptr<output> output_;
  spdlog::logger log_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::vector<waiting_line> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  // How many lost lines have been reported in the log; only the thread uses the second.
  std::uint64_t reported_dropped_ = 0;
  std::uint64_t reported_lost_ = 0;
  bool is_writing_ = false;
  bool is_ended_ = false;
  std::thread thread_;
};

line_writer::line_writer(log_format format) : impl_(std::make_unique<impl>(format)) {}
line_writer::~line_writer() = default;

void line_writer::write(log_level level, std::string line) {
  impl_->write(level, std::move(line));
}
void line_writer::write_as_it_is(std::string line) {
  impl_->write(log_level::off, std::move(line));
}
bool line_writer::finish(std::chrono::milliseconds most) {
  return impl_->finish(most);
}
std::uint64_t line_writer::dropped() const {
  return impl_->dropped();
}

std::string_view name_of(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warn: return "warn";
    case log_level::error: return "error";
    case log_level::off: break;
  }
  return "off";
}

std::string utc_now() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  const auto millis =
      static_cast<int>(duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", millis);
  return text;
}

}  // namespace downbeat::host
