#pragma once

#include "session/participant.hpp"
#include "session/refusal.hpp"

#include <string>
#include <variant>
#include <vector>

namespace downbeat::session {

/// What a command has caused, as values. A room is named by its code as it is shown.
namespace event {

/// For `user`, who is the host and alone.
struct created {
  user_id user;
  std::string room;

  friend bool operator==(const created&, const created&) = default;
};

/// For `user`, who is one of the participants.
struct joined {
  user_id user;
  std::string room;
  std::vector<participant> participants;  ///< in order of joining
  user_id host;
  bool again;  ///< they were in this room already, and nothing has changed

  friend bool operator==(const joined&, const joined&) = default;
};

/// For the others in the room.
struct user_joined {
  std::string room;
  participant user;

  friend bool operator==(const user_joined&, const user_joined&) = default;
};

/// For those who remain in the room, if anybody does.
struct user_left {
  std::string room;
  user_id user;

  friend bool operator==(const user_left&, const user_left&) = default;
};

/// For everybody in the room.
struct host_changed {
  std::string room;
  user_id host;

  friend bool operator==(const host_changed&, const host_changed&) = default;
};

/// For the others in the room.
struct user_updated {
  std::string room;
  participant user;

  friend bool operator==(const user_updated&, const user_updated&) = default;
};

/// For nobody: the last participant has left, and the room with its code is gone.
struct room_closed {
  std::string room;

  friend bool operator==(const room_closed&, const room_closed&) = default;
};

/// For the shard of `user`: there is a seat for them.
struct seat_held {
  user_id user;

  friend bool operator==(const seat_held&, const seat_held&) = default;
};

/// For `user`, whose command has changed nothing.
struct refused {
  user_id user;
  refusal reason;
  std::string room;  ///< the code as the user typed it; empty if the command has none

  friend bool operator==(const refused&, const refused&) = default;
};

}  // namespace event

using any_event = std::variant<event::created, event::joined, event::user_joined, event::user_left,
                               event::host_changed, event::user_updated, event::room_closed,
                               event::seat_held, event::refused>;

}  // namespace downbeat::session
