#pragma once

#include "log/line.hpp"
#include "telemetry/notice.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace downbeat::host {

enum class log_level { debug, info, warn, error, off };
enum class log_format { text, json };

class line_writer;

/// The operator's log on the standard output: one line for each event, which no client can forge.
/// Writing never waits for the reader. Thread-safe.
class logger {
 public:
  logger(log_level least, log_format format);
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;
  /// Waits until everything has been written. `finish` waits for a limited time.
  ~logger();

  /// Logs an event with its fields if the level is high enough. Values are cut where the line would
  /// have more than 4,096 bytes.
  void write(log_level level, std::string_view event, std::span<const log_field> fields);
  void write(log_level level, std::string_view event,
             std::initializer_list<log_field> fields = {}) {
    write(level, event, std::span(fields.begin(), fields.size()));
  }

  /// Logs an event of the core.
  void write(const notice& what);

  /// Prints a line without changes, whatever the level.
  void announce(std::string_view line);

  /// Formats an event as this log does; in text without the time.
  [[nodiscard]] std::string line_of(log_level level, std::string_view event,
                                    std::span<const log_field> fields) const;

  /// Waits until everything has been written, at most this long. Returns whether it was.
  bool finish(std::chrono::milliseconds most);

  /// The number of lines that the reader did not take in time, or that could not be written.
  [[nodiscard]] std::uint64_t dropped() const;

  [[nodiscard]] log_format format() const { return format_; }

 private:
  line_writer& out();

  log_level least_;
  log_format format_;
  std::once_flag once_;
  std::atomic<bool> has_begun_ = false;
  std::unique_ptr<line_writer> out_;  ///< created at the first line
};

/// The log level of a notice.
log_level level_of(notice::kind kind);

}  // namespace downbeat::host
