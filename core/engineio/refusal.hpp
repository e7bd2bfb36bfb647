#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::engineio {

/// Why a request is refused. The values are Engine.IO's error codes.
enum class refusal : std::uint8_t {
  transport_unknown,
  session_id_unknown,
  bad_handshake_method,
  bad_request,
  forbidden,
  unsupported_protocol_version,
  shutting_down,  ///< SIGTERM; sent with code 4, Engine.IO has none
};

std::string_view message_of(refusal why);

/// 403 for `forbidden`, 503 for `shutting_down`, 400 for all others.
int http_status_of(refusal why);

/// The body of the response, such as `{"code":1,"message":"Session ID unknown"}`.
std::string json_of(refusal why);

}  // namespace downbeat::engineio
