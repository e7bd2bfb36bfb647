#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace downbeat::host {

/// The system's wall clock, in milliseconds since 1970-01-01 00:00 UTC.
std::int64_t read_wall_clock();

/// Decides when the core needs the wall-clock time: at the start, once a minute, and after the
/// clock was set. The driver asks before inputs, so that an idle server sleeps and every input is
/// handled with the right wall-clock time.
class wall_watch {
 public:
  using source = std::function<std::int64_t()>;

  explicit wall_watch(source read = read_wall_clock) : read_(std::move(read)) {}

  /// Reads the clock. Returns the wall-clock time to give to the core at `now`, or nothing.
  std::optional<std::int64_t> look(instant_ms now);

 private:
  source read_;
  bool has_sent_ = false;
  instant_ms sent_at_ = 0;
  std::int64_t sent_wall_ms_ = 0;
};

}  // namespace downbeat::host
