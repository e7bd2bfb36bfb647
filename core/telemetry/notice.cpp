#include "telemetry/notice.hpp"

namespace downbeat {

std::string_view to_string(notice::kind kind) {
  switch (kind) {
    case notice::kind::client_connected: return "client connected";
    case notice::kind::client_disconnected: return "client disconnected";
    case notice::kind::session_created: return "session created";
    case notice::kind::session_joined: return "session joined";
    case notice::kind::join_failed: return "join failed";
    case notice::kind::session_left: return "session left";
    case notice::kind::session_closed: return "session closed";
    case notice::kind::host_changed: return "host changed";
    case notice::kind::participant_updated: return "participant updated";
    case notice::kind::participant_away: return "participant away";
    case notice::kind::participant_back: return "participant back";
    case notice::kind::seat_taken_over: return "seat taken over";
    case notice::kind::seat_ended: return "seat ended";
    case notice::kind::request_refused: return "request refused";
    case notice::kind::protocol_error: return "protocol error";
    case notice::kind::slow_reader_dropped: return "slow reader dropped";
  }
  return "unknown";
}

}  // namespace downbeat
