#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <cstdint>

namespace downbeat {

/// The parameters of a rate limiter: `count` events in `per_ms` milliseconds, and up to `burst` at
/// once. A count of 0 means no limit.
struct rate {
  std::int64_t count;
  std::int64_t per_ms;
  std::int64_t burst;
};

/// A rate limiter (GCRA). It stores one number: the time at which its whole burst is available
/// again. That time stays valid when the rate changes.
class rate_limiter {
 public:
  /// Whether an event of weight `times` is within the rate. Counts nothing.
  [[nodiscard]] bool has_room(instant_ms now, const rate& limit, std::int64_t times = 1) const {
    if (limit.count == 0) return true;
    const std::int64_t owed = std::max(tat_ns_, now * ns_per_ms) - now * ns_per_ms;
    return owed + times * cost_of(limit) <= limit.burst * cost_of(limit);
  }

  /// Counts an event of weight `times`, even beyond the limit.
  void spend(instant_ms now, const rate& limit, std::int64_t times = 1) {
    if (limit.count == 0) return;
    const std::int64_t owed_since = std::max(tat_ns_, now * ns_per_ms);
    const std::int64_t cost = cost_of(limit);
    const bool has_end =
        cost == 0 || (owed_since < most_ns && times <= (most_ns - owed_since) / cost);
    tat_ns_ = has_end ? owed_since + times * cost : std::max(owed_since, most_ns);
  }

  /// Counts one event if it is within the rate. Returns whether it was.
  bool take(instant_ms now, const rate& limit) {
    if (!has_room(now, limit)) return false;
    spend(now, limit);
    return true;
  }

  /// The earliest time, `now` or later, at which one more event is within the rate.
  [[nodiscard]] instant_ms next_room(instant_ms now, const rate& limit) const {
    if (has_room(now, limit)) return now;
    const std::int64_t room_ns = tat_ns_ - (limit.burst - 1) * cost_of(limit);
    return (room_ns + ns_per_ms - 1) / ns_per_ms;
  }

  /// Whether the whole burst is available, so that the limiter can be forgotten.
  [[nodiscard]] bool is_idle(instant_ms now) const { return tat_ns_ <= now * ns_per_ms; }

  /// The stored time in nanoseconds, from which `from_ns` makes an equal limiter. At most
  /// `most_ns`.
  [[nodiscard]] std::int64_t tat_ns() const { return tat_ns_; }
  static rate_limiter from_ns(std::int64_t tat_ns) {
    rate_limiter made;
    made.tat_ns_ = tat_ns;
    return made;
  }
  /// Above all times that can occur; adding to it does not overflow 64 bits.
  static constexpr std::int64_t most_ns = 4'600'000'000'000'000'000;

 private:
  static constexpr std::int64_t ns_per_ms = 1'000'000;

  /// The nanoseconds that one event uses up.
  static std::int64_t cost_of(const rate& limit) { return limit.per_ms * ns_per_ms / limit.count; }

  std::int64_t tat_ns_ = 0;  ///< in nanoseconds, as `instant_ms`
};

}  // namespace downbeat
