#pragma once

#include "base/time.hpp"
#include "session/command.hpp"
#include "session/event.hpp"
#include "session/room.hpp"
#include "shard.hpp"
#include "socketio/socket.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::jam {

/// A session command with what is needed to answer its client.
struct submitted_command {
  session::any_command command;
  socketio::socket_number caller;       ///< number of the socket, which may be gone before commit
  std::string_view event;               ///< that brought the command; a constant
  std::optional<std::uint64_t> ack_id;  ///< of the acknowledgement, if the client asks for one
  shard_index reply_to = 0;             ///< the shard that asked for a reservation
  instant_ms now = 0;                   ///< time of submission
  std::optional<std::int64_t> weight = std::nullopt;  ///< weight of a failure, from another shard
  bool is_from_shard = false;         ///< a join whose client migrates here when it is appended
  std::uint32_t question = 0;         ///< of that shard
  std::string request_id = {};        ///< empty without one
  socketio::drawn_secret token = {};  ///< for a client that asks for a resume token
  std::string offset = {};            ///< that a client showed which is back
  bool has_waited = false;            ///< for a room that another node may have created
};

/// How often a command is decided again after conflicts, before it fails.
inline constexpr std::uint32_t max_conflicts = 8;
/// The same with several nodes, of which many may append to one room at the same time.
inline constexpr std::uint32_t max_conflicts_of_nodes = 32;
/// How long a client waits for the journal before the server closes its connection. The client then
/// reconnects and sees what became of its command.
inline constexpr std::int64_t journal_timeout_ms = 5'000;
/// The pause before owed events are appended again: after the first failure, and at most.
inline constexpr std::int64_t first_retry_ms = 100;
inline constexpr std::int64_t longest_retry_ms = 5'000;

/// A command that waits for the journal or is part of an outstanding append.
struct pending_command {
  submitted_command what;
  std::vector<session::any_event> events;  ///< from the last time it was decided
  std::uint32_t conflicts = 0;
};

/// An append that the host has not answered yet.
struct outstanding_append {
  std::uint64_t id = 0;
  std::uint64_t expected_head = 0;
  std::vector<session::any_event> owed;   ///< applied already; first in the append
  std::vector<submitted_command> held;    ///< leaves that are owed; answered with the append
  std::vector<pending_command> commands;  ///< applied once the append has succeeded
  bool is_unknown = false;                ///< the host does not know the result yet
};

/// The journal work of one room; it exists until everything is appended. The directory always shows
/// the confirmed state with the owed events applied.
struct room_queue {
  std::optional<session::room> confirmed;  ///< as in the log; nothing before `created`
  std::optional<outstanding_append> outstanding;
  std::vector<session::any_event> owed;  ///< applied, but not appended yet
  /// Whether the members have been notified of what is owed. With several nodes they are notified
  /// when it is in the log, or when the store does not answer.
  bool is_announced = true;
  /// Clients who are back, and were sent the host that there is with them. If others are faster
  /// than their return, that may be another one.
  std::map<socketio::socket_number, session::participant_id> expected_hosts = {};
  /// Leaves that are owed. A leave is never refused, but its client must not believe that it has
  /// left before a crash of this process can no longer undo that.
  std::vector<submitted_command> held;
  std::deque<pending_command> waiting;  ///< decided in this order once no append is outstanding
  /// By what the room was replaced while an append was outstanding. That takes effect when the
  /// append is answered: only then is it known whether it is contained.
  std::optional<std::optional<session::room>> replaced = {};
  std::uint32_t failures = 0;          ///< in a row
  std::optional<instant_ms> retry_at;  ///< when owed events are appended again
};

/// Whether something has been applied that is not in the log yet.
inline bool has_owed(const room_queue& queue) {
  return !queue.owed.empty() || (queue.outstanding && !queue.outstanding->owed.empty());
}

/// What the log of a restored room says, where that differs from the present state. Its members are
/// away since the start, and that is not appended yet.
struct restored_room {
  session::participant_id host;
  std::uint64_t seq = 0;
  bool is_host_acting = false;
  std::vector<std::uint32_t> lost;  ///< places of participants who are present in the log
};

}  // namespace downbeat::jam
