#pragma once

#include "node.hpp"
#include "session/participant.hpp"
#include "session/refusal.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::session {

/// Why a participant left a room.
enum class departure : std::uint8_t {
  left,          ///< by `session:leave`
  disconnected,  ///< the connection is gone
  moved,         ///< the participant has entered another room
};

/// Why the seat of a participant who was away has ended.
enum class seat_end : std::uint8_t {
  expired,     ///< the grace is over
  kicked,      ///< by an operator
  seat_taken,  ///< given to a newcomer, or too many were away
  moved,       ///< the participant has entered another room
};

/// Changes of a room, complete with every result: the drawn code, ids, the session number, the new
/// host. A later version, perhaps with other rules and word lists, must read them from a journal,
/// so applying an event decides nothing. Events name a room by its code as clients see it.
namespace event {

/// The room exists; its creator is host and the only participant.
struct created {
  std::string room;
  std::int64_t number = 0;   ///< 1 for the first session ever created, and so on
  std::uint32_t format = 0;  ///< code format
  participant who;

  friend bool operator==(const created&, const created&) = default;
};

struct joined {
  std::string room;
  participant who;
  bool is_host = false;    ///< nobody else is present
  bool is_acting = false;  ///< as host; see `room::is_host_acting`

  friend bool operator==(const joined&, const joined&) = default;
};

/// A participant has this name and instrument from now on.
struct updated {
  std::string room;
  participant_id user;
  std::string name;
  std::string instrument;
  std::string request_id = {};  ///< see `participant::requests`; empty without one

  friend bool operator==(const updated&, const updated&) = default;
};

struct left {
  std::string room;
  participant_id user;
  departure why = departure::left;

  friend bool operator==(const left&, const left&) = default;
};

/// The connection of a participant is lost. The seat is kept.
struct lost {
  std::string room;
  participant_id user;
  std::int64_t wall_ms = 0;  ///< see `participant::away_since_wall_ms`
  /// Where it is lost. The participant may be connected to another node by now.
  node_id node = 0;

  friend bool operator==(const lost&, const lost&) = default;
};

/// A participant who was away is present again, or one who is present is connected to another node.
struct back {
  std::string room;
  participant_id user;
  node_id node = 0;  ///< see `participant::node`

  friend bool operator==(const back&, const back&) = default;
};

/// A participant comes back with these secrets from now on; see `participant::pid_hash`.
struct secrets_changed {
  std::string room;
  participant_id user;
  std::shared_ptr<const sha256_digest> pid_hash = nullptr;
  std::shared_ptr<const sha256_digest> token_hash = nullptr;

  friend bool operator==(const secrets_changed& a, const secrets_changed& b) {
    return a.room == b.room && a.user == b.user && is_same_hash(a.pid_hash, b.pid_hash) &&
           is_same_hash(a.token_hash, b.token_hash);
  }
};

/// The seat of a participant who was away has ended.
struct gone {
  std::string room;
  participant_id user;
  seat_end why = seat_end::expired;
  node_id node = 0;  ///< where it was lost; it may have been lost at another node since

  friend bool operator==(const gone&, const gone&) = default;
};

struct host_changed {
  std::string room;
  participant_id host;
  bool is_acting = false;  ///< see `room::is_host_acting`

  friend bool operator==(const host_changed&, const host_changed&) = default;
};

/// The room and its log have ended.
struct closed {
  std::string room;

  friend bool operator==(const closed&, const closed&) = default;
};

}  // namespace event

using any_event = std::variant<event::created, event::joined, event::updated, event::left,
                               event::lost, event::back, event::secrets_changed, event::gone,
                               event::host_changed, event::closed>;

/// The name of a reason, as clients and the journal have it.
std::string_view to_string(seat_end why);

/// The code of an event's room.
std::string_view room_of(const any_event& event);

/// Why a command has no effect.
struct refused {
  refusal reason;
  std::string room;  ///< the code as the user typed it; empty if the command has none

  friend bool operator==(const refused&, const refused&) = default;
};

/// The result of a command: events of one room (none if it changes nothing), or a refusal.
using decision = std::variant<std::vector<any_event>, refused>;

}  // namespace downbeat::session
