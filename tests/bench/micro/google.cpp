// The same cases under Google Benchmark, with its options: bench-micro-google --help

#include "micro/cases.hpp"

#include <benchmark/benchmark.h>

#include <string>

int main(int count, char** words) {
  using downbeat::bench::micro_case;
  for (const micro_case& one : downbeat::bench::micro_cases()) {
    benchmark::RegisterBenchmark(std::string(one.name).c_str(), [&one](benchmark::State& state) {
      const auto work = one.set_up();
      constexpr std::int64_t batch = 16;
      while (state.KeepRunningBatch(batch)) work(batch);
    });
  }
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
