#pragma once

#include <cstdint>
#include <optional>

namespace downbeat::host {

/// Figures of a journal in a file.
struct journal_file_counters {
  std::uint64_t wal_bytes = 0;
  std::uint64_t file_bytes = 0;
};

/// Figures of a journal in Redis.
struct redis_counters {
  bool is_connected = false;
  std::uint64_t connections_total = 0;
  std::uint64_t repaired_rooms_total = 0;
  std::uint64_t replaced_rooms_total = 0;
  std::uint64_t conflicts_total = 0;
  std::uint64_t catch_ups_total = 0;
  std::uint64_t gaps_total = 0;
  std::uint64_t nodes = 0;
};

/// Figures of the journal, for /metrics.
struct journal_counters {
  std::uint64_t appends_total = 0;
  std::uint64_t failed_appends_total = 0;
  std::uint64_t event_bytes_total = 0;
  std::uint64_t commits_total = 0;
  std::uint64_t commit_us_total = 0;
  std::uint64_t longest_commit_us = 0;
  std::uint64_t log_appends = 0;  ///< not compacted yet
  std::optional<journal_file_counters> file;
  std::optional<redis_counters> redis;
};

}  // namespace downbeat::host
