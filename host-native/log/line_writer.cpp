#include "log/line_writer.hpp"

#include "io/without_signals.hpp"
#include "log/line.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string_view>
#include <utility>

namespace downbeat::host {
namespace {

using log_clock = spdlog::log_clock;

// Limit on lines that wait for the reader. spdlog allocates a slot of 408 bytes for each of them at
// the start: 1.6 MiB. A line of more than 250 bytes takes memory besides.
constexpr std::size_t most_waiting_lines = 4096;
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

std::string utc_text(log_clock::time_point when) {
  using namespace std::chrono;
  const std::time_t seconds = log_clock::to_time_t(when);
  const auto millis =
      static_cast<int>(duration_cast<milliseconds>(when.time_since_epoch()).count() % 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", millis);
  return text;
}

// Writes lines to the standard output with write(2). stdio's buffer would block the exit if nobody
// reads. spdlog's thread calls it.
class output final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit output(log_format format)
      : base_sink(formatter_for(format)),
        format_(format),
        has_colours_(::isatty(STDOUT_FILENO) != 0) {}

  /// Sets the queue that the lines come from. Must be called before the first line.
  void read_from(spdlog::details::thread_pool& queue) { queue_ = &queue; }

  /// The number of lines that were dropped from the queue or could not be written.
  [[nodiscard]] std::uint64_t missing() const { return queue_->overrun_counter() + lost_; }

  /// Counts a line that could not be written for lack of memory.
  void skip() {
    ++lost_;
    count_done(1);
  }

  /// Waits until that many lines have been written, dropped or lost, at most this long. Returns
  /// whether they have.
  bool wait_for(std::uint64_t lines, std::chrono::milliseconds most) {
    std::unique_lock lock(done_mutex_);
    return more_done_.wait_for(lock, most,
                               [&] { return done_ + queue_->overrun_counter() >= lines; });
  }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (missing() != reported_missing_) report_missing(line.time);
    append(line);
    ++pending_lines_;
    if (pending_.size() >= piece_bytes || queue_->queue_size() == 0) write_pending();
  }

  void flush_() override { write_pending(); }

  void append(const spdlog::details::log_msg& line) {
    if (line.level == spdlog::level::off) {
      pending_.append(line.payload.data(), line.payload.size()) += '\n';
      return;
    }
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
  }

  // Says how many lines are missing before the next line, which has this time. If that cannot be
  // written, it does not count as lost.
  void report_missing(log_clock::time_point when) {
    write_pending();
    const std::uint64_t all = missing();
    const std::string text = words_for(all - reported_missing_, when);
    append({when, {}, {}, spdlog::level::warn, text});
    if (write_out().empty()) reported_missing_ = all;
    pending_.clear();
  }

  [[nodiscard]] std::string words_for(std::uint64_t missing, log_clock::time_point when) const {
    const std::string event =
        std::to_string(missing) +
        (missing == 1 ? " line of the log was dropped" : " lines of the log were dropped");
    const log_field fields[] = {
        {"reason", "the reader of the standard output is too slow or has gone"}};
    return format_ == log_format::json
               ? json_line(utc_text(when), name_of(log_level::warn), event, fields)
               : text_line(event, fields);
  }

  void write_pending() {
    const std::string_view rest = write_out();
    lost_ += static_cast<std::uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
    pending_.clear();
    count_done(std::exchange(pending_lines_, 0));
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

  void count_done(std::uint64_t lines) {
    {
      const std::lock_guard lock(done_mutex_);
      done_ += lines;
    }
    more_done_.notify_all();
  }

  const log_format format_;
  const bool has_colours_;
  spdlog::details::thread_pool* queue_ = nullptr;
  std::string pending_;
  std::uint64_t pending_lines_ = 0;
  bool is_cut_ = false;  ///< the output ends in the middle of a line
  std::uint64_t reported_missing_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;

  std::mutex done_mutex_;
  std::condition_variable more_done_;
  std::uint64_t done_ = 0;  ///< lines that have left the queue and were written or lost
};

std::shared_ptr<spdlog::details::thread_pool> make_queue() {
  const without_signals guard;
  return std::make_shared<spdlog::details::thread_pool>(most_waiting_lines, 1);
}

}  // namespace

// spdlog has the queue and the thread, and formats time, colours and levels. Its `flush` is not
// used: in a full queue it would displace a line.
class line_writer::impl {
 public:
  explicit impl(log_format format)
      : output_(std::make_shared<output>(format)),
        queue_(make_queue()),
        log_(std::make_shared<spdlog::async_logger>(
            std::string(), output_, queue_, spdlog::async_overflow_policy::overrun_oldest)) {
    output_->read_from(*queue_);
    log_->set_level(spdlog::level::trace);
    log_->set_error_handler([to = output_](const std::string&) { to->skip(); });
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    queue_.reset();  // ends when everything has been taken
    output_->flush();
  }

  void write(log_level level, std::string_view text) {
    log_->log(log_clock::now(), {}, spdlog_level(level), spdlog::string_view_t(text));
    ++queued_;
  }

  bool finish(std::chrono::milliseconds most) { return output_->wait_for(queued_, most); }

  [[nodiscard]] std::uint64_t dropped() const { return output_->missing(); }

 private:
  std::shared_ptr<output> output_;
  std::shared_ptr<spdlog::details::thread_pool> queue_;
  std::shared_ptr<spdlog::async_logger> log_;
  std::atomic<std::uint64_t> queued_ = 0;
};

line_writer::line_writer(log_format format) : impl_(std::make_unique<impl>(format)) {}
line_writer::~line_writer() = default;

void line_writer::write(log_level level, std::string_view line) {
  impl_->write(level, line);
}
void line_writer::write_as_it_is(std::string_view line) {
  impl_->write(log_level::off, line);
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
  return utc_text(log_clock::now());
}

}  // namespace downbeat::host
