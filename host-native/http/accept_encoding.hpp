#pragma once

#include <string_view>

namespace downbeat::host {

/// Whether an Accept-Encoding header field accepts this coding, such as `br`: by name or with `*`,
/// and with a weight other than zero (RFC 9110, 12.5.3).
bool accepts_encoding(std::string_view accept_encoding, std::string_view coding);

}  // namespace downbeat::host
