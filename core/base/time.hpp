#pragma once

#include <cstdint>

namespace downbeat {

/// Milliseconds since an origin that the host chooses. Every input comes with the time; the core
/// never reads a clock.
using instant_ms = std::int64_t;

}  // namespace downbeat
