#pragma once

#include <cstdint>
#include <string_view>

namespace downbeat::host {

/// Whether a client may send this code in a close frame (RFC 6455, 7.4, and IANA's registry).
constexpr bool is_valid_close_code(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  if (code < 1000 || code > 1014) return false;
  // 1004 is reserved. 1005 and 1006 must not be sent; neither must 1015, which is above the range.
  return code < 1004 || code > 1006;
}

/// The code in a close frame's payload (RFC 6455, 5.5.1): the client's, 1005 if there is none, or
/// the code to close with if the payload is invalid.
struct close_payload {
  bool is_valid;
  std::uint16_t code;
};

/// Checks a close frame's payload and returns its code (RFC 6455, 5.5.1 and 7.4).
close_payload parse_close_payload(std::string_view data);

}  // namespace downbeat::host
