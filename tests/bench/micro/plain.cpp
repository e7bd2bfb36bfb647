// bench-micro [SECONDS] [NAME]
//
// Measures operations of the core, natively or in WebAssembly. Prints a JSON object of nanoseconds
// by name: the fastest of 15 rounds of SECONDS each (0.05), because only other processes make a
// round slower. With a NAME, runs only the cases whose name contains it.

#include "micro/cases.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace downbeat::bench;

double seconds_of(const repeated_work& work, std::int64_t times) {
  const auto begin = std::chrono::steady_clock::now();
  work(times);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Nanoseconds for one operation.
double measure(const repeated_work& work, double seconds) {
  std::int64_t times = 1;
  double last = seconds_of(work, times);
  while (last < seconds / 2) {
    times *= 2;
    last = seconds_of(work, times);
  }
  double fastest = last;
  for (int round = 0; round < 15; ++round) fastest = std::min(fastest, seconds_of(work, times));
  return fastest * 1e9 / static_cast<double>(times);
}

}  // namespace

int main(int count, char** words) {
  const double seconds = count > 1 ? std::atof(words[1]) : 0.05;
  const std::string_view wanted = count > 2 ? words[2] : "";
  const char* separator = "{";
  for (const micro_case& one : micro_cases()) {
    if (one.name.find(wanted) == std::string_view::npos) continue;
    std::printf("%s\n  \"%s\": %.1f", separator, one.name.data(), measure(one.set_up(), seconds));
    std::fflush(stdout);
    separator = ",";
  }
  std::printf("\n}\n");
  return 0;
}
