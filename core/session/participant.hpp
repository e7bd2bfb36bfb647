#pragma once

#include "session/user_id.hpp"

#include <string>

namespace downbeat::session {

/// Somebody in a session, as everybody in it sees them.
struct participant {
  user_id id;
  std::string name;
  std::string instrument;

  friend bool operator==(const participant&, const participant&) = default;
};

}  // namespace downbeat::session
