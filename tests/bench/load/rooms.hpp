#pragma once

#include "load/crowd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// The packets of the events of a jam session.
std::string create_packet();
std::string join_packet(std::string_view room_code);
std::string leave_packet(std::string_view room_code);

/// Whether a packet is the event of this name.
bool is_event(std::string_view packet, std::string_view name);
/// The `roomCode` in a packet.
std::string room_code_of(std::string_view packet);

/// Connects this many more clients, `at_once` at a time.
void add_ready_clients(crowd& all, std::uint32_t count, std::uint32_t at_once = 64);

/// Forms rooms of ready clients, beginning with client `first`, room by room.
void form_rooms(crowd& all, std::uint32_t first, std::uint32_t rooms, std::uint32_t members);

/// Ignores everything: for phases in which nothing is expected.
class bystander : public audience {
 public:
  void ready(client&) override {}
  void heard(client&, std::string_view) override {}
  void gone(client&) override {}
};

}  // namespace downbeat::bench
