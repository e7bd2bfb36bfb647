#pragma once

#include "session/participant.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace downbeat::session {

/// The end of a room's log, for one engine. Where several nodes append, `cluster::log_head` tells
/// logs of the same length apart.
struct room_head {
  std::uint64_t seq = 0;  ///< events in the log so far; 0 before the room was created

  friend bool operator==(const room_head&, const room_head&) = default;
};

/// A live session. It has at least one participant, present or away, or one reservation.
struct room {
  std::string code;                       ///< as clients see it, such as `MUSIC-42`
  std::int64_t number;                    ///< the first session ever created is 1, and so on
  std::uint32_t format;                   ///< code format
  std::int32_t reservations = 0;          ///< reservations of this process; not in the log
  std::vector<participant> participants;  ///< in order of joining, also those who are away
  participant_id host_id = {};            ///< from the last event; empty if the room is empty
  room_head head = {};
  bool is_host_acting = false;  ///< until somebody returns who has been there longer and is away

  /// The participant who created the session, or has been in it longest since, of those who are
  /// present, or of all if nobody is. The room must have participants.
  [[nodiscard]] const participant_id& host() const { return host_id; }
};

bool has_anybody_present(const room& in);

/// The participant with this id, or null.
const participant* find_participant(const room& in, const participant_id& who);

}  // namespace downbeat::session
