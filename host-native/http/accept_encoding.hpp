#pragma once

#include <string_view>

namespace downbeat::host {

/// Whether an Accept-Encoding header field asks for this coding, such as `br`: by its name or with
/// `*`, and not at a weight of zero.
bool accepts_encoding(std::string_view accept_encoding, std::string_view coding);

}  // namespace downbeat::host
