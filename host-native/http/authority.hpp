#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// The authority of a URL or a Host header field: a host and possibly a port.
struct authority {
  std::string host;  ///< in lower case; an IPv6 address in brackets, in its shortest form
  std::optional<std::uint16_t> port;
};

/// Parses `host`, `host:port` or `[address]:port` (RFC 3986, 3.2.2). Refuses user information and a
/// path. The host may be empty, and a colon without a port counts as no port.
std::optional<authority> parse_authority(std::string_view text);

/// Whether a host is the loopback interface: `localhost`, names below it, 127.0.0.0/8 and `[::1]`.
bool is_loopback_host(std::string_view host);

}  // namespace downbeat::host
