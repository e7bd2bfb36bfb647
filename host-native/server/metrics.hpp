#pragma once

#include "measurement.hpp"
#include "server/counters.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace downbeat::host {

/// The process as its operating system sees it.
struct process_facts {
  std::uint64_t resident_bytes = 0;
  double start_time_seconds = 0;  ///< since 1970
};

process_facts measure_process();

/// All that `/metrics` says, in Prometheus' text format.
std::string prometheus_text(std::span<const measurement> core, const counters& host,
                            std::uint64_t connections, const process_facts& process);

}  // namespace downbeat::host
