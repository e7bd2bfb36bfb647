#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::engineio {

/// Why a request is refused, by the numbers that Engine.IO puts into the body of its answer.
enum class refusal : std::uint8_t {
  transport_unknown,
  session_id_unknown,
  bad_handshake_method,
  bad_request,
  forbidden,
  unsupported_protocol_version,
};

std::string_view message_of(refusal why);

/// 403 for `forbidden`, 400 for every other.
int http_status_of(refusal why);

/// Such as `{"code":1,"message":"Session ID unknown"}`.
std::string json_of(refusal why);

}  // namespace downbeat::engineio
