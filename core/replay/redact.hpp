#pragma once

#include "trace/input_line.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::replay {

/// Rewrites a trace without secrets; the result replays like the original. Session ids, socket ids
/// and room codes are replaced. In names, letters become `x` and digits `1`. Addresses become
/// example addresses. Data of relayed events, payloads of unknown events and invalid packets are
/// blanked.
///
/// `seed` determines the replacements. Without the seed the original values cannot be computed from
/// the result. Returns an error if the trace cannot be read.
std::variant<std::string, trace::unreadable> redact(std::string_view text, std::uint64_t seed);

}  // namespace downbeat::replay
