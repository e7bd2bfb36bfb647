#pragma once

#include <cstdint>
#include <string_view>

namespace downbeat::host {

/// Whether a peer may send this code in a close frame (RFC 6455, section 7.4, and IANA's registry).
constexpr bool is_valid_close_code(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  if (code < 1000 || code > 1014) return false;
  // These three are for the local side only, and 1004 has no meaning.
  return code < 1004 || code > 1006;
}

/// What a close frame says: the peer's code, or 1005 if it gave none, or the code to fail with.
struct close_payload {
  bool is_valid;
  std::uint16_t code;
};

close_payload parse_close_payload(std::string_view data);

}  // namespace downbeat::host
