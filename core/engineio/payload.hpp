#pragma once

#include "base/frame.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::engineio {

/// Separates the packets of a polling payload.
inline constexpr char record_separator = '\x1e';

/// The body of a response to a GET, such as `4hello<1E>2<1E>bAQID`.
std::string encode_payload(const std::vector<frame>& packets);

/// The parts of a POST's body. An empty part is not a packet.
std::vector<std::string_view> split_payload(std::string_view body);

}  // namespace downbeat::engineio
