#pragma once

#include <string>

namespace downbeat::session {

/// Who somebody is to the others: the public id of the socket.
using user_id = std::string;

/// Somebody in a session, as everybody in it sees them.
struct participant {
  user_id id;
  std::string name;
  std::string instrument;

  friend bool operator==(const participant&, const participant&) = default;
};

}  // namespace downbeat::session
