#pragma once

#include <cstdint>

namespace downbeat {

/// Milliseconds since an origin that the host picks. The core is told the time with every input
/// and never asks for it.
using instant_ms = std::int64_t;

}  // namespace downbeat
