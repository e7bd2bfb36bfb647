#include "load/rooms.hpp"

#include "load/arguments.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace downbeat::bench {
namespace {

/// Counts the clients that have become ready.
class newcomers : public bystander {
 public:
  void ready(client&) override { ++ready_; }
  [[nodiscard]] std::uint32_t count() const { return ready_; }

 private:
  std::uint32_t ready_ = 0;
};

class room_former : public bystander {
 public:
  room_former(crowd& all, std::uint32_t first, std::uint32_t rooms, std::uint32_t members)
      : all_(all),
        first_(first),
        members_(members),
        awaited_(rooms, (members - 1) + members * (members - 1) / 2),
        joins_(rooms) {
    for (std::uint32_t i = 0; i < rooms_at_once; ++i) begin_next();
  }

  void heard(client& who, std::string_view packet) override {
    const std::uint32_t room = (who.number - first_) / members_;
    if (is_event(packet, "error")) {
      // A busy node may not know the room of another one yet.
      const bool is_too_early = packet.find("session_not_found") != std::string_view::npos;
      if (!is_too_early) give_up("no room: " + std::string(packet));
      return all_.send(who, joins_[room]);
    }
    if (is_event(packet, "session:created")) {
      joins_[room] = join_packet(room_code_of(packet));
      for (std::uint32_t i = 1; i < members_; ++i) all_.send(all_[who.number + i], joins_[room]);
    } else if (is_event(packet, "session:joined") || is_event(packet, "session:user-joined")) {
      if (--awaited_[room] != 0) return;
      ++formed_;
      begin_next();
    }
  }

  [[nodiscard]] bool is_done() const { return formed_ == awaited_.size(); }

 private:
  static constexpr std::uint32_t rooms_at_once = 16;

  void begin_next() {
    if (begun_ == awaited_.size()) return;
    all_.send(all_[first_ + begun_++ * members_], create_packet());
  }

  crowd& all_;
  std::uint32_t first_;
  std::uint32_t members_;
  /// For each room: that each has joined, and each has got all who joined later. Other nodes relay
  /// nothing to a member whom they do not know.
  std::vector<std::uint32_t> awaited_;
  std::vector<std::string> joins_;  ///< for each room, the packet that joins it
  std::uint32_t begun_ = 0;
  std::uint32_t formed_ = 0;
};

}  // namespace

std::string create_packet() {
  return R"(42["session:create",{"name":"Clara","instrument":"piano"}])";
}

std::string join_packet(std::string_view room_code) {
  return R"(42["session:join",{"roomCode":")" + std::string(room_code) +
         R"(","name":"Robert","instrument":"cello"}])";
}

std::string leave_packet(std::string_view room_code) {
  return R"(42["session:leave",{"roomCode":")" + std::string(room_code) + R"("}])";
}

bool is_event(std::string_view packet, std::string_view name) {
  return packet.starts_with("42[\"") && packet.substr(4).starts_with(name) &&
         packet.substr(4 + name.size()).starts_with('"');
}

std::string room_code_of(std::string_view packet) {
  constexpr std::string_view key = R"("roomCode":")";
  const std::size_t at = packet.find(key);
  if (at == std::string_view::npos) give_up("no room code in " + std::string(packet));
  const std::string_view rest = packet.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

void add_ready_clients(crowd& all, std::uint32_t count, std::uint32_t at_once) {
  newcomers watch;
  std::uint32_t added = 0;
  all.turn_until(watch, "all have connected", [&] {
    const std::uint32_t wanted = std::min(count, watch.count() + at_once);
    for (; added < wanted; ++added) all.add();
    return watch.count() == count;
  });
}

void form_rooms(crowd& all, std::uint32_t first, std::uint32_t rooms, std::uint32_t members) {
  if (rooms == 0) return;
  room_former former(all, first, rooms, members);
  all.turn_until(former, "all rooms are formed", [&] { return former.is_done(); });
}

}  // namespace downbeat::bench
