// bench-load SCENARIO --port N[,N]… [--pid N[,N]…] [--redis-pid N] [--OPTION VALUE]…
//
// Runs one scenario against the Socket.IO server on 127.0.0.1:N, which must know the events of jam
// sessions. With several ports, clients connect to these nodes in turn, so that the members of each
// room are spread over all of them. Prints the results as a line of JSON. Exit code: 0 if no event
// was lost, doubled, reordered, changed or sent to the wrong client; 3 if one was; 2 if the
// scenario could not run. With --pid it measures these processes' CPU time and memory together,
// with --redis-pid that of the Redis between them.

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
#include <vector>

namespace {

using namespace downbeat::bench;

using scenario = bool (*)(crowd&, const process_meter&, arguments&, report&);

constexpr std::array<std::pair<std::string_view, scenario>, 7> scenarios = {{
    {"play", &play},
    {"connect", &connect},
    {"cycle", &cycle},
    {"life", &life},
    {"joins", &joins},
    {"idle", &idle},
    {"soak", &soak},
}};

}  // namespace

int main(int count, char** words) {
  arguments given(count, words);
  for (const auto& [name, run] : scenarios) {
    if (name != given.command()) continue;
    std::vector<std::uint16_t> ports;
    for (const std::int64_t port : given.numbers("port")) {
      if (port <= 0 || port > 65535) give_up("--port takes ports");
      ports.push_back(static_cast<std::uint16_t>(port));
    }
    if (ports.empty()) give_up("--port is missing");
    const process_meter server(given.numbers("pid"));
    crowd all(std::move(ports));
    report found;
    found.add("scenario", name);
    const bool is_sound = run(all, server, given, found);
    found.print();
    return is_sound ? 0 : 3;
  }
  std::fprintf(
      stderr,
      "usage: bench-load play|connect|cycle|life|joins|idle|soak --port N[,N] [--pid N[,N]] "
      "[--redis-pid N] …\n");
  return 2;
}
