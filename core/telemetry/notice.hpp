#pragma once

#include <string>
#include <string_view>

namespace downbeat {

/// One line of the operator's log, as a value. Fields that do not apply are empty. Text that came
/// from a client is not escaped: the code that prints it must do that.
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
    participant_away,
    participant_back,
    seat_taken_over,
    seat_ended,
    request_refused,
    protocol_error,
    slow_reader_dropped,
  };

  kind what;
  std::string room;     ///< a room code
  std::string user;     ///< a socket id
  std::string name;     ///< a display name
  std::string reason;   ///< in the protocol's words
  std::string address;  ///< of the client

  friend bool operator==(const notice&, const notice&) = default;
};

/// The name in the log, such as `session created`.
std::string_view to_string(notice::kind kind);

}  // namespace downbeat
