#include "load/process_meter.hpp"

#include "load/arguments.hpp"
#include "load/clock.hpp"

#include <fstream>
#include <string>
#include <utility>

namespace downbeat::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) give_up("the server is gone");
  return time.tv_sec * ns_per_second + time.tv_nsec;
}

std::int64_t memory_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  while (file >> word) {
    std::int64_t kib = 0;
    if (word == "Rss:" && file >> kib) return kib * 1024;
  }
  give_up("the memory of process " + std::to_string(pid) + " cannot be read");
}

}  // namespace

process_meter::process_meter(std::vector<std::int64_t> pids) : pids_(std::move(pids)) {
  for (const std::int64_t pid : pids_) {
    // Exact to a nanosecond; /proc/PID/stat has hundredths of a second.
    if (clock_getcpuclockid(static_cast<pid_t>(pid), &cpu_clocks_.emplace_back()) != 0) {
      give_up("there is no process " + std::to_string(pid));
    }
  }
}

std::int64_t process_meter::cpu_ns() const {
  std::int64_t sum = 0;
  for (const clockid_t clock : cpu_clocks_) sum += read_clock(clock);
  return sum;
}

std::int64_t process_meter::memory_bytes() const {
  std::int64_t sum = 0;
  for (const std::int64_t pid : pids_) sum += memory_of(pid);
  return sum;
}

std::int64_t own_cpu_ns() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace downbeat::bench
