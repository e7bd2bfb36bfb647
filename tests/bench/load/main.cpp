// bench-load SCENARIO --port N [--pid N] [--OPTION VALUE]…
//
// Runs one scenario against the Socket.IO server on 127.0.0.1:N, which must know the events of jam
// sessions. Prints the results as a line of JSON. Exit code: 0 if no event was lost, doubled,
// reordered, changed or sent to the wrong client; 3 if one was; 2 if the scenario could not run.
// With --pid it measures that process' CPU time and memory.

#include "load/arguments.hpp"
#include "load/crowd.hpp"
#include "load/process_meter.hpp"
#include "load/report.hpp"
#include "load/scenarios.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

namespace {

using namespace downbeat::bench;

using scenario = bool (*)(crowd&, const process_meter&, arguments&, report&);

constexpr std::array<std::pair<std::string_view, scenario>, 6> scenarios = {{
    {"play", &play},
    {"connect", &connect},
    {"cycle", &cycle},
    {"life", &life},
    {"idle", &idle},
    {"soak", &soak},
}};

}  // namespace

int main(int count, char** words) {
  arguments given(count, words);
  for (const auto& [name, run] : scenarios) {
    if (name != given.command()) continue;
    const std::int64_t port = given.number("port", 0);
    if (port <= 0 || port > 65535) give_up("--port is missing");
    const process_meter server(given.number("pid", 0));
    crowd all(static_cast<std::uint16_t>(port));
    report found;
    found.add("scenario", name);
    const bool is_sound = run(all, server, given, found);
    found.print();
    return is_sound ? 0 : 3;
  }
  std::fprintf(stderr,
               "usage: bench-load play|connect|cycle|life|idle|soak --port N [--pid N] …\n");
  return 2;
}
