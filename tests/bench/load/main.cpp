// bench-load SCENARIO --port N [--pid N] [--OPTION VALUE]…
//
// Plays one scenario against the Socket.IO server on 127.0.0.1:N that knows the jam session's
// events, and prints what it found as a line of JSON: 0 if nothing was lost, doubled, reordered or
// strayed, 3 if something was, 2 if it could not be done. With --pid the server's CPU time and
// memory are measured.

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
