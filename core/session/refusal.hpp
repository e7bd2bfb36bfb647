#pragma once

#include <string_view>

namespace downbeat::session {

/// Why a command was refused.
enum class refusal { session_not_found, session_full, server_full, not_in_session, try_again };

/// The code for programs, such as `session_not_found`.
std::string_view code_of(refusal reason);

/// The message for people, such as `Session not found`.
std::string_view message_of(refusal reason);

}  // namespace downbeat::session
