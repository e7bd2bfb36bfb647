#pragma once

#include <cstdint>
#include <ctime>

namespace downbeat::bench {

/// What another process has used. Without a process everything is 0.
class process_meter {
 public:
  explicit process_meter(std::int64_t pid);

  /// CPU time of all its threads, in the kernel and outside, those that have ended included.
  [[nodiscard]] std::int64_t cpu_ns() const;

  /// Its resident memory, shared libraries included. Not to be asked while time is measured.
  [[nodiscard]] std::int64_t memory_bytes() const;

 private:
  std::int64_t pid_;
  clockid_t cpu_clock_{};
};

/// CPU time of this process.
std::int64_t own_cpu_ns();

}  // namespace downbeat::bench
