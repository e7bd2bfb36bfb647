// simulate --seeds 1-20 --steps 10000 --shards 3 --journal host
//
// Runs the world of each seed, with the server in one piece or in several shards, its rooms in
// memory or kept by a host whose journal is slow, fails, conflicts and does not know, with
// `--grace` with seats that are kept for so long, and prints its digest, one line a seed; the same
// on every platform. A broken invariant prints the seed, the step and the command that replays it,
// and exits with 1. With `--nodes yes` it is the world of several nodes on one Redis. With `--trace
// yes` the run's trace is printed as well. With `--replay yes` each shard's trace is kept, and
// replayed by itself.

#include "replay/run.hpp"
#include "simulation/cluster_world.hpp"
#include "simulation/world.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct arguments {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 20;
  std::uint64_t steps = 10'000;
  std::uint64_t shards = 1;
  downbeat::jam::journal_kind journal = downbeat::jam::journal_kind::memory;
  std::uint64_t grace = 0;  ///< seconds that seats are kept
  bool has_nodes = false;   ///< several, on one Redis
  bool has_trace = false;
  bool is_replayed = false;
};

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<arguments> read_arguments(int count, char** words) {
  arguments result;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option = words[i];
    const std::string_view value = words[i + 1];
    if (option == "--steps") {
      const auto steps = read_number(value);
      if (!steps) return std::nullopt;
      result.steps = *steps;
    } else if (option == "--shards") {
      const auto shards = read_number(value);
      if (!shards || *shards < 1 || *shards > 64) return std::nullopt;
      result.shards = *shards;
    } else if (option == "--seeds") {
      const auto dash = value.find('-');
      const auto first = read_number(value.substr(0, dash));
      const auto last =
          dash == std::string_view::npos ? first : read_number(value.substr(dash + 1));
      if (!first || !last || *last < *first) return std::nullopt;
      result.first_seed = *first;
      result.last_seed = *last;
    } else if (option == "--journal" && (value == "memory" || value == "host")) {
      result.journal =
          value == "host" ? downbeat::jam::journal_kind::host : downbeat::jam::journal_kind::memory;
    } else if (option == "--grace") {
      const auto grace = read_number(value);
      if (!grace || *grace > 10) return std::nullopt;
      result.grace = *grace;
    } else if (option == "--nodes" && value == "yes") {
      result.has_nodes = true;
    } else if (option == "--trace" && value == "yes") {
      result.has_trace = true;
    } else if (option == "--replay" && value == "yes") {
      result.is_replayed = true;
    } else {
      return std::nullopt;
    }
  }
  if (count % 2 == 0) return std::nullopt;
  return result;
}

/// The same for the world of several nodes.
std::optional<std::uint64_t> run_nodes(std::uint64_t seed, const arguments& given) {
  downbeat::simulation::cluster_world world{downbeat::simulation::chance(seed),
                                            static_cast<downbeat::shard_index>(given.shards),
                                            static_cast<std::int64_t>(given.grace)};
  if (given.has_trace) {
    world.on_line([](std::string_view line) { std::puts(std::string(line).c_str()); });
  }
  while (world.steps() < given.steps && world.failure().empty()) world.step();
  if (world.failure().empty()) world.rest();
  const std::string name =
      "seed " + std::to_string(seed) + " shards " + std::to_string(given.shards);
  if (!world.failure().empty()) {
    std::printf(
        "%s broke at step %llu: %s\nreplay it: simulate --nodes yes --seeds %llu --steps %llu "
        "--shards %llu --grace %llu\n",
        name.c_str(), static_cast<unsigned long long>(world.steps()), world.failure().c_str(),
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(given.steps),
        static_cast<unsigned long long>(given.shards),
        static_cast<unsigned long long>(given.grace));
    return std::nullopt;
  }
  std::printf("%s steps %llu digest %016llx\n", name.c_str(),
              static_cast<unsigned long long>(world.steps()),
              static_cast<unsigned long long>(world.digest_value()));
  return world.steps();
}

/// The number of inputs, or nothing if an invariant broke.
std::optional<std::uint64_t> run(std::uint64_t seed, const arguments& given) {
  downbeat::simulation::world world{downbeat::simulation::chance(seed),
                                    static_cast<downbeat::shard_index>(given.shards), given.journal,
                                    given.is_replayed, static_cast<std::int64_t>(given.grace)};
  if (given.has_trace) {
    std::puts(world.trace_header().c_str());
    world.on_line([](std::string_view line) { std::puts(std::string(line).c_str()); });
  }
  std::vector<std::string> traces;
  if (given.is_replayed) {
    for (downbeat::shard_index i = 0; i < given.shards; ++i) {
      traces.push_back(world.trace_header(i) + '\n');
    }
    world.on_line([&](std::string_view line) {
      std::size_t which = 0;
      if (given.shards > 1) {
        line.remove_prefix(1);
        while (line.front() != ']') {
          which = which * 10 + static_cast<std::size_t>(line.front() - '0');
          line.remove_prefix(1);
        }
        line.remove_prefix(2);
      }
      traces[which].append(line) += '\n';
      if (given.has_trace) std::puts(std::string(line).c_str());
    });
  }
  while (world.steps() < given.steps && world.failure().empty()) world.step();
  if (world.failure().empty()) world.settle();
  const std::string name =
      "seed " + std::to_string(seed) + " shards " + std::to_string(given.shards);
  if (!world.failure().empty()) {
    std::printf(
        "%s broke at step %llu: %s\nreplay it: simulate --seeds %llu --steps %llu --shards %llu "
        "--journal %s --grace %llu\n",
        name.c_str(), static_cast<unsigned long long>(world.steps()), world.failure().c_str(),
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(given.steps),
        static_cast<unsigned long long>(given.shards),
        given.journal == downbeat::jam::journal_kind::host ? "host" : "memory",
        static_cast<unsigned long long>(given.grace));
    return std::nullopt;
  }
  for (const std::string& trace : traces) {
    const auto found = downbeat::replay::run(trace);
    if (found.difference.empty()) continue;
    std::printf("%s: a shard's trace does not replay: %s\n", name.c_str(),
                found.difference.c_str());
    return std::nullopt;
  }
  std::printf("%s steps %llu digest %016llx\n", name.c_str(),
              static_cast<unsigned long long>(world.steps()),
              static_cast<unsigned long long>(world.digest_value()));
  return world.steps();
}

}  // namespace

int main(int count, char** words) {
  const auto given = read_arguments(count, words);
  if (!given) {
    std::fprintf(
        stderr,
        "usage: simulate [--seeds FIRST-LAST] [--steps NUMBER] [--shards NUMBER] "
        "[--journal memory|host] [--grace SECONDS] [--nodes yes] [--trace yes] [--replay yes]\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t steps = 0;
  for (std::uint64_t seed = given->first_seed; seed <= given->last_seed; ++seed) {
    const auto done = given->has_nodes ? run_nodes(seed, *given) : run(seed, *given);
    if (!done) return 1;
    steps += *done;
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::fprintf(stderr, "%llu steps in %.1f s, %.0f a second\n",
               static_cast<unsigned long long>(steps), time.count(),
               static_cast<double>(steps) / time.count());
  return 0;
}
