#pragma once

#include "journal/journal_counters.hpp"
#include "operator/counters.hpp"
#include "redis/relay_counters.hpp"
#include "telemetry/measurement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace downbeat::host {

/// The values for /metrics: of one loop, or the sum of all.
struct metrics_snapshot {
  std::uint64_t connections = 0;
  counters count;
  std::vector<measurement> core;
  bool is_stopping = false;
  std::optional<journal_counters> journal = {};  ///< only of the server, if it has one
  std::optional<relay_counters> relay = {};      ///< only if there may be other nodes

  metrics_snapshot& operator+=(const metrics_snapshot& other) {
    connections += other.connections;
    count += other.count;
    is_stopping = is_stopping || other.is_stopping;
    if (other.journal) journal = other.journal;
    if (relay && other.relay) {
      *relay += *other.relay;
    } else if (other.relay) {
      relay = other.relay;
    }
    if (core.empty()) {
      core = other.core;
      return *this;
    }
    // Every core returns the same metrics in the same order.
    for (std::size_t i = 0; i < core.size(); ++i) core[i].value += other.core[i].value;
    return *this;
  }
};

}  // namespace downbeat::host
