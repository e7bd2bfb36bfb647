// flood-attack KIND --port N --seconds S [--count N] [--note-ms N]
//
// Runs one kind of attack on the server on 127.0.0.1:N for a while, and prints its counts as a line
// of JSON. A client that the server disconnects reconnects at once.
//
//   one-socket      one client plays without a pause
//   one-address     connections of one address connect, ask, guess room codes, and go
//   slow-loris      connections that send a byte of a request's head each half second
//   pipelined-gets  connections ask 1,200 times for a large file at once; half of them do not read
//   pings           WebSockets send pings, pongs, and fragments of nothing
//   connect-cycles  WebSockets leave the namespace and come back, without a pause
//   half-sent       WebSockets send nine of an event's ten attachments
//   full-posts      polling clients post as many packets as fit
//   stalled         members of busy rooms who do not read; notes each --note-ms

#include "bench/load/arguments.hpp"
#include "bench/load/clock.hpp"
#include "bench/load/report.hpp"
#include "flood/attacks.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

using namespace downbeat::bench;
using namespace downbeat::flood;

int main(int count, char** words) {
  constexpr std::array<std::pair<std::string_view, attack (*)(const attack_options&)>, 9> kinds = {
      {{"one-socket", &one_socket},
       {"one-address", &one_address},
       {"slow-loris", &slow_loris},
       {"pipelined-gets", &pipelined_gets},
       {"pings", &pings},
       {"connect-cycles", &connect_cycles},
       {"half-sent", &half_sent},
       {"full-posts", &full_posts},
       {"stalled", &stalled}}};
  arguments given(count, words);
  for (const auto& [name, make] : kinds) {
    if (name != given.command()) continue;
    const double seconds = given.real("seconds", 10);
    const attack_options wanted{static_cast<std::uint16_t>(given.number("port", 0)),
                                static_cast<std::uint32_t>(given.number("count", 1'000)),
                                given.number("note-ms", 500) * 1'000'000};
    given.refuse_unknown();
    campaign against(wanted.port, make(wanted));
    against.run(now_ns() + static_cast<std::int64_t>(seconds * 1e9));
    report found;
    found.add("attack", name);
    against.report_to(found);
    found.print();
    return 0;
  }
  std::fprintf(stderr, "usage: flood-attack KIND --port N …, where KIND is one of\n");
  for (const auto& kind : kinds) std::fprintf(stderr, "  %s\n", std::string(kind.first).c_str());
  return 2;
}
