#pragma once

#include "session/user_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The messages between the jam applications of two shards. A user waits for one answer at most.
namespace downbeat::jam::shard_message {

/// What the journal has of a participant, beside the id.
struct new_participant {
  std::string name;
  std::string instrument;
  std::uint32_t move = 1;  ///< see `participant::move`
  std::string pid;         ///< the hash of the secret in hexadecimal digits; empty without one
  std::string request_id;  ///< empty without one
};

/// A user wants to join a room of the receiving shard, which answers with `reservation_answer`.
struct reserve {
  std::string user;
  std::string code;     ///< as the user typed it
  std::string address;  ///< of the user; the room's shard checks its limit of failed joins
  /// The sender's number for this question. A user whose connection was lost meanwhile may be back
  /// and have asked again.
  std::uint32_t question = 0;
  /// Given if there is a journal. Then the answer comes when it has the participant.
  std::optional<new_participant> who = std::nullopt;
};

/// The answer. A reservation keeps the room open until the user's connection has migrated.
struct reservation_answer {
  enum class outcome {
    reserved,
    not_found,
    full,
    address_limited,   ///< too many failed joins from this address
    lockdown_limited,  ///< lockdown, and the address has failed before
    not_saved          ///< the journal has not taken the participant
  };

  std::string user;
  outcome how;
  std::int64_t weight = 0;     ///< of a failed join, if no room has this code
  std::uint32_t question = 0;  ///< that it answers
};

/// The user of a reservation, or a participant who has been taken in, is gone.
struct cancel_reservation {
  std::string user;
};

/// A user wants to create a session, but the sender's part of the limit is used up. Answered by
/// `sessions_lent`.
struct borrow_sessions {
  std::string user;
};

/// The receiving shard may create this many more sessions, and the sender as many fewer.
struct sessions_lent {
  std::string user;
  std::int64_t count;  ///< 0 if the sender has none left
};

/// A client with this address has created or joined a session.
struct count_join {
  std::string address;
};

/// A client with this address tried a code that no room has.
struct count_failed_join {
  std::string address;
  std::int64_t weight;
};

/// A client who shows the pid with this hash finds its socket on the sending shard, or nowhere.
struct pid_moved {
  std::string hash;  ///< in hexadecimal digits
  bool is_there;
  std::string reason;  ///< why the seat has ended; empty if there was none
};

/// After a restart, the sending shard keeps the seat of a user.
struct restored {
  std::string user;
  std::uint32_t move;  ///< see `participant::move`
};

using any = std::variant<reserve, reservation_answer, cancel_reservation, borrow_sessions,
                         sessions_lent, count_join, count_failed_join, pid_moved, restored>;

/// The message as compact JSON.
std::string write(const any& message);

/// Reads a message from checked, compact JSON. Nothing unless `write` would produce exactly this
/// text.
std::optional<any> read(std::string_view json);

}  // namespace downbeat::jam::shard_message
