#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>

namespace downbeat {

/// The wall clock, as far as the host has sent it. `instant_ms` only measures time spans and means
/// nothing to another process. Use this for times of creation and expiry.
class wall_clock {
 public:
  /// At `now` the wall clock showed `wall_ms`, in milliseconds since 1970-01-01 00:00 UTC.
  void set(instant_ms now, std::int64_t wall_ms) { ahead_ms_ = wall_ms - now; }

  /// The wall clock at `now`, computed from the last `set`. Nothing before the first one.
  [[nodiscard]] std::optional<std::int64_t> at(instant_ms now) const {
    if (!ahead_ms_) return std::nullopt;
    return *ahead_ms_ + now;
  }

 private:
  std::optional<std::int64_t> ahead_ms_;
};

}  // namespace downbeat
