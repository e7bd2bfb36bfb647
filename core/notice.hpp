#pragma once

#include <string>
#include <string_view>

namespace downbeat {

/// One line of the operator's log, as a value: what happened, to whom, where and why. Fields that
/// do not apply are empty. Text that came from a peer is raw: whoever prints it escapes it.
struct notice {
  enum class kind {
    client_connected,
    client_disconnected,
    session_created,
    session_joined,
    join_failed,
    session_left,
    session_closed,
    host_changed,
    participant_updated,
    request_refused,
    protocol_error,
    slow_reader_dropped,
  };

  kind what;
  std::string room;     ///< a room code
  std::string user;     ///< a socket id
  std::string name;     ///< a display name
  std::string reason;   ///< why, in the words of the protocol
  std::string address;  ///< the peer's

  friend bool operator==(const notice&, const notice&) = default;
};

/// The notice in an operator's words, such as `session created`.
std::string_view to_string(notice::kind kind);

}  // namespace downbeat
