#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace downbeat::bench {

/// Does the work this many times.
using repeated_work = std::function<void(std::int64_t times)>;

/// One measured operation of the core.
struct micro_case {
  std::string_view name;
  /// Prepares the work; not measured.
  repeated_work (*set_up)();
};

std::span<const micro_case> micro_cases();

}  // namespace downbeat::bench
