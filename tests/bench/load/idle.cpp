#include "load/clock.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <signal.h>

namespace downbeat::bench {
namespace {

/// Reads the server's memory once it no longer changes. A server with a garbage collector must
/// collect on SIGUSR2 first, so that garbage does not count.
class scales {
 public:
  scales(crowd& all, const process_meter& server, std::int64_t pid_to_settle)
      : all_(all), server_(server), pid_to_settle_(pid_to_settle) {}

  double weigh() {
    bystander nobody;
    if (pid_to_settle_ != 0) {
      kill(static_cast<pid_t>(pid_to_settle_), SIGUSR2);
      all_.turn_for(nobody, 2 * ns_per_second);
    }
    all_.turn_for(nobody, ns_per_second / 2);
    return static_cast<double>(server_.memory_bytes());
  }

 private:
  crowd& all_;
  const process_meter& server_;
  std::int64_t pid_to_settle_;
};

}  // namespace

bool idle(crowd& all, const process_meter& server, arguments& given, report& found) {
  const auto warmup = static_cast<std::uint32_t>(given.number("warmup-count", 1000));
  const auto count = static_cast<std::uint32_t>(given.number("count", 10000));
  constexpr std::uint32_t members = 4;
  scales weighing(all, server, given.number("settle-pid", 0));
  given.refuse_unknown();

  // The first connections also pay for what a server allocates once. The cost of one connection
  // comes from the others.
  const double at_start = weighing.weigh();
  add_ready_clients(all, warmup);
  const double with_few = weighing.weigh();
  add_ready_clients(all, count);
  const double with_all = weighing.weigh();

  const std::uint32_t few_rooms = warmup / members;
  const std::uint32_t rooms = count / members;
  form_rooms(all, 0, few_rooms, members);
  const double with_few_rooms = weighing.weigh();
  form_rooms(all, few_rooms * members, rooms, members);
  const double with_all_rooms = weighing.weigh();

  found.add("connections", std::int64_t{count});
  found.add("start_bytes", at_start);
  found.add("connection_bytes", (with_all - with_few) / count);
  found.add("rooms", std::int64_t{rooms});
  found.add("room_bytes", (with_all_rooms - with_few_rooms) / rooms);
  found.add("end_bytes", with_all_rooms);
  return true;
}

}  // namespace downbeat::bench
