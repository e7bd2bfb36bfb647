#pragma once

#include <cstdint>

namespace downbeat::host {

/// Figures of the journal, for /metrics.
struct journal_counters {
  std::uint64_t appends_total = 0;
  std::uint64_t failed_appends_total = 0;
  std::uint64_t event_bytes_total = 0;
  std::uint64_t commits_total = 0;
  std::uint64_t commit_us_total = 0;
  std::uint64_t longest_commit_us = 0;
  std::uint64_t log_rows = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t file_bytes = 0;
};

}  // namespace downbeat::host
