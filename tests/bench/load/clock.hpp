#pragma once

#include <chrono>
#include <cstdint>

namespace downbeat::bench {

/// Nanoseconds, on the clock that all measurements use.
inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

inline constexpr std::int64_t ns_per_second = 1'000'000'000;

inline double us(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

}  // namespace downbeat::bench
