#pragma once

#include <cstdint>

namespace downbeat::session {

/// Limits of sessions; 0 means no limit.
struct limits {
  /// Participants of one session, with reservations.
  std::int64_t max_participants = 10;
  /// Sessions at the same time.
  std::int64_t max_sessions = 1'000'000;
};

}  // namespace downbeat::session
