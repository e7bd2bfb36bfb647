#include "load/clock.hpp"
#include "load/event_text.hpp"
#include "load/rooms.hpp"
#include "load/scenarios.hpp"

#include <string>
#include <vector>

namespace downbeat::bench {
namespace {

/// Pairs of clients that meet in a room, send one event and leave. When one pair has left, the next
/// begins.
class brief_encounters : public audience {
 public:
  brief_encounters(crowd& all, std::uint32_t at_once) : all_(all) {
    for (std::uint32_t i = 0; i < at_once; ++i) begin();
  }

  void ready(client& who) override {
    if (++lives_[who.number / 2].ready == 2) all_.send(host_of(who), create_packet());
  }

  void heard(client& who, std::string_view packet) override {
    some_life& life = lives_[who.number / 2];
    if (is_event(packet, "session:created")) {
      life.code = room_code_of(packet);
      all_.send(participant_of(who), join_packet(life.code));
    } else if (is_event(packet, "session:joined")) {
      all_.send(who, text_.write({who.number % 100000, 0, 0}));
    } else if (is_event(packet, "session:event")) {
      all_.send(participant_of(who), leave_packet(life.code));
    } else if (is_event(packet, "session:user-left")) {
      all_.close(host_of(who));
      all_.close(participant_of(who));
    } else if (is_event(packet, "error")) {
      give_up("unexpected packet in a life: " + std::string(packet));
    }
  }

  void gone(client& who) override {
    if (--lives_[who.number / 2].ready > 0) return;
    ++lived_;
    begin();
  }

  [[nodiscard]] std::uint64_t lived() const { return lived_; }

 private:
  struct some_life {
    int ready = 0;
    std::string code;
  };

  client& host_of(const client& who) { return all_[who.number / 2 * 2]; }
  client& participant_of(const client& who) { return all_[who.number / 2 * 2 + 1]; }

  void begin() {
    lives_.emplace_back();
    all_.add();
    all_.add();
  }

  crowd& all_;
  event_text text_;
  std::vector<some_life> lives_;
  std::uint64_t lived_ = 0;
};

}  // namespace

bool life(crowd& all, const process_meter& server, arguments& given, report& found) {
  const auto at_once = static_cast<std::uint32_t>(given.number("at-once", 32));
  const auto warmup = static_cast<std::uint64_t>(given.number("warmup-count", 1000));
  const auto count = static_cast<std::uint64_t>(given.number("count", 5000));
  given.refuse_unknown();

  brief_encounters lives(all, at_once);
  all.turn_until(lives, "everyone is warm", [&] { return lives.lived() >= warmup; });
  const std::uint64_t before = lives.lived();
  const std::int64_t begin = now_ns();
  const std::int64_t cpu_before = server.cpu_ns();
  all.turn_until(lives, "all have lived", [&] { return lives.lived() >= before + count; });
  const auto cpu_ns = static_cast<double>(server.cpu_ns() - cpu_before);
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto lived = static_cast<double>(lives.lived() - before);

  found.add("lives", lived);
  found.add("seconds", seconds);
  found.add("cpu_us", cpu_ns / 1e3 / lived);
  found.add("server_busy", cpu_ns / 1e9 / seconds);
  return true;
}

}  // namespace downbeat::bench
