#pragma once

#include "trace/fact.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::jam {

/// A trace that tells the same story without its secrets: session ids, socket ids and room codes
/// are others, people have invented names, addresses are taken from those set aside for examples,
/// and the data of relayed events and the payloads of unknown ones are blanked out, as are frames
/// that are no proper packets. It replays like any other.
///
/// `seed` decides what is drawn instead. Nothing that the first trace hid can be computed from the
/// second, as long as the seed is not known. If the trace cannot be read, why.
std::variant<std::string, trace::unreadable> redact(std::string_view trace, std::uint64_t seed);

}  // namespace downbeat::jam
