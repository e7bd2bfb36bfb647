#pragma once

#include "session/participant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace downbeat::session {

/// What users want of the directory, as values that can be logged and applied later: they hold
/// all that the outcome depends on. Names and instruments are tidied already (`tidy`).
namespace command {

struct create {
  user_id user;
  std::string name;
  std::string instrument;
  /// What the room code is drawn from; a fresh one for every command.
  std::uint64_t seed;
  /// Somebody is guessing codes: this one shall be as hard to guess as any.
  bool is_guarded = false;
};

struct join {
  user_id user;
  std::string code;  ///< as the user typed it
  std::string name;
  std::string instrument;
};

struct leave {
  user_id user;
  std::string code;  ///< as the user typed it
};

/// Changes what is given and leaves the rest.
struct update {
  user_id user;
  std::optional<std::string> name;
  std::optional<std::string> instrument;
};

/// A user on another shard wants to join. Their seat is held until they do, or give it up.
struct hold_seat {
  user_id user;
  std::string code;  ///< as the user typed it
};

/// The user whose seat was held does not come.
struct free_seat {
  user_id user;
};

/// The user is gone, whatever session they were in.
struct disconnect {
  user_id user;
};

}  // namespace command

using any_command = std::variant<command::create, command::join, command::leave, command::update,
                                 command::hold_seat, command::free_seat, command::disconnect>;

}  // namespace downbeat::session
