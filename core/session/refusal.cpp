#include "session/refusal.hpp"

namespace downbeat::session {

std::string_view code_of(refusal reason) {
  switch (reason) {
    case refusal::session_not_found: return "session_not_found";
    case refusal::session_full: return "session_full";
    case refusal::server_full: return "server_full";
    case refusal::not_in_session: return "not_in_session";
    case refusal::try_again: return "try_again";
  }
  return "unknown";
}

std::string_view message_of(refusal reason) {
  switch (reason) {
    case refusal::session_not_found: return "Session not found";
    case refusal::session_full: return "Session is full";
    case refusal::server_full: return "Server is full";
    case refusal::not_in_session: return "Not in this session";
    case refusal::try_again: return "This could not be saved, please try again";
  }
  return "Unknown";
}

}  // namespace downbeat::session
