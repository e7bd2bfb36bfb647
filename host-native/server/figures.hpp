#pragma once

#include "measurement.hpp"
#include "server/counters.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace downbeat::host {

/// What there is to tell an operator: of one loop, or of all together.
struct figures {
  std::uint64_t connections = 0;
  counters count;
  std::vector<measurement> core;
  bool is_stopping = false;

  figures& operator+=(const figures& other) {
    connections += other.connections;
    count += other.count;
    is_stopping = is_stopping || other.is_stopping;
    if (core.empty()) {
      core = other.core;
      return *this;
    }
    // Every core measures the same, in the same order.
    for (std::size_t i = 0; i < core.size(); ++i) core[i].value += other.core[i].value;
    return *this;
  }
};

}  // namespace downbeat::host
