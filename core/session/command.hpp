#pragma once

#include "session/event.hpp"
#include "session/participant.hpp"
#include "text/sha256.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace downbeat::session {

/// Requests that change sessions, as values that can wait in a queue. Names and instruments are
/// normalized already (`normalize`). The journal never contains commands, only events: the result
/// of a command depends on rules and word lists that later versions may change.
namespace command {

struct create {
  user_id user;
  std::string name;
  std::string instrument;
  /// The seed for the room code; a new one for every command.
  std::uint64_t seed;
  /// Set during lockdown: the new code must be hard to guess.
  bool needs_longest_code = false;
  std::uint32_t move = 1;                                   ///< see `participant::move`
  std::shared_ptr<const sha256_digest> pid_hash = nullptr;  ///< see `participant::pid_hash`
  std::shared_ptr<const sha256_digest> token_hash = nullptr;
  std::string request_id = {};  ///< see `participant::requests`; empty without one
  node_id node = 0;             ///< see `participant::node`
};

struct join {
  user_id user;
  std::string code;  ///< as the user typed it
  std::string name;
  std::string instrument;
  std::uint32_t move = 1;                                   ///< see `participant::move`
  std::shared_ptr<const sha256_digest> pid_hash = nullptr;  ///< see `participant::pid_hash`
  std::shared_ptr<const sha256_digest> token_hash = nullptr;
  std::string request_id = {};  ///< see `participant::requests`; empty without one
  node_id node = 0;             ///< see `participant::node`
};

struct leave {
  user_id user;
  std::string code;  ///< as the user typed it
};

/// Changes the members that are given and keeps the others.
struct update {
  user_id user;
  std::optional<std::string> name;
  std::optional<std::string> instrument;
  std::string request_id = {};  ///< see `participant::requests`; empty without one
};

/// A user on another shard wants to join a room here. The reservation lasts until the user joins,
/// cancels it or reserves in another room.
struct reserve {
  user_id user;
  std::string code;  ///< as the user typed it
};

/// Cancels the user's reservation.
struct cancel_reservation {
  user_id user;
};

/// The user's connection is gone. Leaves the session, if the user is in one.
struct disconnect {
  user_id user;
};

/// The user's connection is lost, and the seat is kept.
struct lose {
  user_id user;
  std::int64_t wall_ms = 0;  ///< see `participant::away_since_wall_ms`
  node_id node = 0;          ///< where it is lost; nothing happens if the user is at another one
};

/// The user is present again, at this node.
struct come_back {
  user_id user;
  node_id node = 0;  ///< see `participant::node`
};

/// The user comes back with these secrets from now on; see `participant::pid_hash`.
struct change_secrets {
  user_id user;
  std::shared_ptr<const sha256_digest> pid_hash = nullptr;
  std::shared_ptr<const sha256_digest> token_hash = nullptr;
};

/// The seat of a user who is away ends.
struct end_seat {
  user_id user;
  seat_end why;
};

/// The user has entered another room, or migrates to another shard, and leaves this room.
struct move_away {
  user_id user;
  std::string code;
};

/// Closes a room without participants and reservations. Does nothing to any other room.
struct close_if_empty {
  std::string code;
};

}  // namespace command

using any_command = std::variant<command::create, command::join, command::leave, command::update,
                                 command::reserve, command::cancel_reservation, command::disconnect,
                                 command::lose, command::come_back, command::change_secrets,
                                 command::end_seat, command::move_away, command::close_if_empty>;

}  // namespace downbeat::session
