#pragma once

#include <cstdint>
#include <ctime>

namespace downbeat::bench {

/// Measures another process. Without one, everything is 0.
class process_meter {
 public:
  explicit process_meter(std::int64_t pid);

  /// CPU time of all its threads, also of those that have ended, in user and kernel mode.
  [[nodiscard]] std::int64_t cpu_ns() const;

  /// Its resident memory with shared libraries. Do not call while time is measured.
  [[nodiscard]] std::int64_t memory_bytes() const;

 private:
  std::int64_t pid_;
  clockid_t cpu_clock_{};
};

/// CPU time of this process.
std::int64_t own_cpu_ns();

}  // namespace downbeat::bench
