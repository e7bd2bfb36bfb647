#pragma once

#include <cstdint>
#include <string_view>

namespace downbeat {

/// One value for the operator's metrics, such as {"sessions", "Live sessions", 12, false}.
struct measurement {
  std::string_view name;  ///< in snake_case; names of counters end in `_total`
  std::string_view help;  ///< one line for Prometheus' HELP
  std::uint64_t value;
  bool is_counter;  ///< a counter, which only grows; otherwise a gauge
  /// Which limit a `limited_total` is about; empty for other metrics.
  std::string_view limit = {};
};

}  // namespace downbeat
