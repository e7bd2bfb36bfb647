#pragma once

#include "log/logger.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Writes lines to the standard output in order, in a thread of spdlog. A stalled reader blocks
/// nobody: the latest 4,096 lines are queued; the oldest ones are dropped and counted, and a line
/// at that place says how many.
class line_writer {
 public:
  explicit line_writer(log_format format);
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;
  /// Waits until everything has been written.
  ~line_writer();

  /// Queues a line and never waits for the reader. In text, puts time and level in front.
  /// Thread-safe.
  void write(log_level level, std::string_view line);
  /// Queues a line without time and level, in every format.
  void write_as_it_is(std::string_view line);

  /// Waits until everything has been written, at most this long. Returns whether it was.
  bool finish(std::chrono::milliseconds most);

  /// The number of lines that were dropped or could not be written.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// The name of a level, such as `warn`.
std::string_view name_of(log_level level);

/// The current time for JSON: `2026-11-28T15:00:00.000Z`.
std::string utc_now();

}  // namespace downbeat::host
