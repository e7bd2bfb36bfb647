#include "load/clock.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <string>
#include <vector>

namespace downbeat::bench {
namespace {

/// In each room of two, the second member leaves, and joins again when the first has noticed.
class revolving_doors : public bystander {
 public:
  revolving_doors(crowd& all, std::uint32_t rooms) : all_(all), codes_(rooms) {
    for (std::uint32_t i = 0; i < rooms; ++i) all_.send(all_[i * 2], create_packet());
  }

  void heard(client& who, std::string_view packet) override {
    const std::uint32_t room = who.number / 2;
    client& participant = all_[room * 2 + 1];
    if (is_event(packet, "session:created")) {
      codes_[room] = room_code_of(packet);
      all_.send(participant, join_packet(codes_[room]));
    } else if (is_event(packet, "session:joined")) {
      all_.send(participant, leave_packet(codes_[room]));
    } else if (is_event(packet, "session:user-left")) {
      ++cycles_;
      all_.send(participant, join_packet(codes_[room]));
    }
  }

  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

 private:
  crowd& all_;
  std::vector<std::string> codes_;
  std::uint64_t cycles_ = 0;
};

}  // namespace

bool cycle(crowd& all, const process_meter& server, arguments& given, report& found) {
  const auto rooms = static_cast<std::uint32_t>(given.number("rooms", 32));
  const auto warmup = static_cast<std::uint64_t>(given.number("warmup-count", 5000));
  const auto count = static_cast<std::uint64_t>(given.number("count", 20000));
  given.refuse_unknown();
  add_ready_clients(all, rooms * 2);

  revolving_doors doors(all, rooms);
  all.turn_until(doors, "everyone is warm", [&] { return doors.cycles() >= warmup; });
  const std::uint64_t before = doors.cycles();
  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  all.turn_until(doors, "all have come and gone", [&] { return doors.cycles() >= before + count; });
  const auto cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto cycles = static_cast<double>(doors.cycles() - before);

  found.add("cycles", cycles);
  found.add("seconds", seconds);
  found.add("cpu_us", cpu_ns / 1e3 / cycles);
  found.add("server_busy", cpu_ns / 1e9 / seconds);
  return true;
}

}  // namespace downbeat::bench
