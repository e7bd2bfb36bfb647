#include "load/process_meter.hpp"

#include "load/arguments.hpp"
#include "load/clock.hpp"

#include <fstream>
#include <string>

namespace downbeat::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) give_up("the server is gone");
  return time.tv_sec * ns_per_second + time.tv_nsec;
}

}  // namespace

process_meter::process_meter(std::int64_t pid) : pid_(pid) {
  // Exact to a nanosecond; /proc/PID/stat has hundredths of a second.
  if (pid_ != 0 && clock_getcpuclockid(static_cast<pid_t>(pid_), &cpu_clock_) != 0) {
    give_up("there is no process " + std::to_string(pid_));
  }
}

std::int64_t process_meter::cpu_ns() const {
  return pid_ == 0 ? 0 : read_clock(cpu_clock_);
}

std::int64_t process_meter::memory_bytes() const {
  if (pid_ == 0) return 0;
  std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
  std::string word;
  while (file >> word) {
    std::int64_t kib = 0;
    if (word == "Rss:" && file >> kib) return kib * 1024;
  }
  give_up("the memory of process " + std::to_string(pid_) + " cannot be read");
}

std::int64_t own_cpu_ns() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace downbeat::bench
