#pragma once

#include "journal/journal_counters.hpp"
#include "operator/counters.hpp"
#include "redis/relay_counters.hpp"
#include "telemetry/measurement.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace downbeat::host {

/// Metrics of the process from the operating system.
struct process_metrics {
  std::uint64_t resident_bytes = 0;
  double start_time_seconds = 0;  ///< since 1970
};

process_metrics collect_process_metrics();

/// The body of `/metrics`, in Prometheus' text format. A server without a journal, or one
/// that cannot have other nodes, has no such lines.
std::string prometheus_text(std::span<const measurement> core, const counters& host,
                            std::uint64_t connections,
                            const std::optional<journal_counters>& journal,
                            const std::optional<relay_counters>& relay,
                            const process_metrics& process);

}  // namespace downbeat::host
