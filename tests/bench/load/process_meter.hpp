#pragma once

#include <cstdint>
#include <ctime>
#include <vector>

namespace downbeat::bench {

/// Measures other processes together. Without any, everything is 0.
class process_meter {
 public:
  explicit process_meter(std::vector<std::int64_t> pids);

  /// CPU time of all their threads, also of those that have ended, in user and kernel mode.
  [[nodiscard]] std::int64_t cpu_ns() const;

  /// Their resident memory with shared libraries. Do not call while time is measured.
  [[nodiscard]] std::int64_t memory_bytes() const;

 private:
  std::vector<std::int64_t> pids_;
  std::vector<clockid_t> cpu_clocks_;
};

/// CPU time of this process.
std::int64_t own_cpu_ns();

}  // namespace downbeat::bench
