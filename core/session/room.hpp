#pragma once

#include "session/participant.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::session {

/// A live session. Somebody is in it, or has a seat in it and is on the way.
struct room {
  std::string code;                       ///< as it is shown
  std::int64_t number;                    ///< the first session ever created is 1, and so on
  std::uint32_t stage;                    ///< in which the code was drawn
  std::int32_t held_seats = 0;            ///< for users on other shards
  std::vector<participant> participants;  ///< in order of joining

  /// Whoever has been here longest: at first the creator, and their successor once they leave.
  /// Somebody must be in the room.
  [[nodiscard]] const user_id& host() const { return participants.front().id; }
};

}  // namespace downbeat::session
