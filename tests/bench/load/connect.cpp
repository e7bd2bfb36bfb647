#include "load/clock.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

namespace downbeat::bench {

bool connect(crowd& all, const process_meter& server, arguments& given, report& found) {
  const auto warmup = static_cast<std::uint32_t>(given.number("warmup-count", 1000));
  const auto count = static_cast<std::uint32_t>(given.number("count", 5000));
  const auto at_once = static_cast<std::uint32_t>(given.number("at-once", 64));
  given.refuse_unknown();
  add_ready_clients(all, warmup, at_once);

  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  add_ready_clients(all, count, at_once);
  const auto cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;

  found.add("count", std::int64_t{count});
  found.add("seconds", seconds);
  found.add("cpu_us", cpu_ns / 1e3 / count);
  found.add("server_busy", cpu_ns / 1e9 / seconds);
  return true;
}

}  // namespace downbeat::bench
