#pragma once

#include <cstdint>

namespace downbeat::session {

/// How much fits; 0 lifts a limit.
struct limits {
  /// In one session.
  std::int64_t max_participants = 10;
  /// Live at one time.
  std::int64_t max_sessions = 1'000'000;
};

}  // namespace downbeat::session
