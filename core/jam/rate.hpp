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

/// Tells who keeps within a rate. One number is all that it remembers: when everything will be
/// forgiven. That means the same whatever the rate, which may be changed meanwhile.
class allowance {
 public:
  /// Whether one more, or one that counts for as many as `times`, is within the rate.
  [[nodiscard]] bool has_room(instant_ms now, const rate& limit, std::int64_t times = 1) const {
    if (limit.count == 0) return true;
    const std::int64_t owed = std::max(forgiven_, now * ns_per_ms) - now * ns_per_ms;
    return owed + times * cost_of(limit) <= limit.burst * cost_of(limit);
  }

  /// Counts one, or one that counts for as many as `times`.
  void spend(instant_ms now, const rate& limit, std::int64_t times = 1) {
    if (limit.count == 0) return;
    forgiven_ = std::max(forgiven_, now * ns_per_ms) + times * cost_of(limit);
  }

  /// Counts one if there is room for it, and says whether there was.
  bool take(instant_ms now, const rate& limit) {
    if (!has_room(now, limit)) return false;
    spend(now, limit);
    return true;
  }

  /// Whether it remembers nothing that matters any more.
  [[nodiscard]] bool is_forgiven(instant_ms now) const { return forgiven_ <= now * ns_per_ms; }

 private:
  static constexpr std::int64_t ns_per_ms = 1'000'000;

  /// How long it takes until one is forgiven.
  static std::int64_t cost_of(const rate& limit) { return limit.per_ms * ns_per_ms / limit.count; }

  std::int64_t forgiven_ = 0;  ///< in nanoseconds
};

}  // namespace downbeat::jam
