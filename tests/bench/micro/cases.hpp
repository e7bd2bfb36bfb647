#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace downbeat::bench {

/// Does its work so many times.
using repeated_work = std::function<void(std::int64_t times)>;

/// Something that the core does, to be measured.
struct micro_case {
  std::string_view name;
  /// Makes all that the work needs, which is not measured.
  repeated_work (*set_up)();
};

std::span<const micro_case> micro_cases();

}  // namespace downbeat::bench
