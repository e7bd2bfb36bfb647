#pragma once

#include "time.hpp"

#include <algorithm>
#include <cstdint>

namespace downbeat::jam {

/// So many in so much time, and so many at once after a rest. A count of 0 lifts the limit.
struct rate {
  std::int64_t count;
  std::int64_t per_ms;
  std::int64_t burst;
};

/// Tells who keeps within a rate. One number is all that it remembers: when, in units of a
/// millisecond divided by the rate's count, everything will be forgiven.
class allowance {
 public:
  /// Whether one more is within the rate.
  [[nodiscard]] bool has_room(instant_ms now, const rate& limit) const {
    if (limit.count == 0) return true;
    const std::int64_t present = now * limit.count;
    return std::max(forgiven_, present) + limit.per_ms - present <= limit.burst * limit.per_ms;
  }

  /// Counts one.
  void spend(instant_ms now, const rate& limit) {
    forgiven_ = std::max(forgiven_, now * limit.count) + limit.per_ms;
  }

  /// Counts one if there is room for it, and says whether there was.
  bool take(instant_ms now, const rate& limit) {
    if (!has_room(now, limit)) return false;
    spend(now, limit);
    return true;
  }

  /// Whether it remembers nothing that matters any more.
  [[nodiscard]] bool is_forgiven(instant_ms now, const rate& limit) const {
    return forgiven_ <= now * limit.count;
  }

 private:
  std::int64_t forgiven_ = 0;
};

}  // namespace downbeat::jam
