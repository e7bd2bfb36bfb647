#pragma once

#include <cstdint>
#include <string_view>

namespace downbeat {

/// A number for the operator's metrics, such as {"sessions", "Live sessions", 12, false}.
struct measurement {
  std::string_view name;  ///< in snake_case; a counter's ends in `_total`
  std::string_view help;  ///< one line that explains it
  std::uint64_t value;
  bool is_counter;  ///< it only grows; otherwise a gauge
  /// The limit that a `limited_total` counts; empty for all others.
  std::string_view limit = {};
};

}  // namespace downbeat
