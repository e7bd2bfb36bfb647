#pragma once

#include "session/participant.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::session {

/// A live session. Somebody is always in it.
struct room {
  std::string code;                       ///< as it is shown
  std::int64_t number;                    ///< the first session ever created is 1, and so on
  std::vector<participant> participants;  ///< in order of joining

  /// Whoever has been here longest: at first the creator, and their successor once they leave.
  [[nodiscard]] const user_id& host() const { return participants.front().id; }
};

}  // namespace downbeat::session
