#pragma once

#include "load/crowd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::bench {

/// The packets of the jam session's events.
std::string create_packet();
std::string join_packet(std::string_view room_code);
std::string leave_packet(std::string_view room_code);

/// Whether a packet is this event.
bool is_event(std::string_view packet, std::string_view name);
/// The `roomCode` of a packet that has one.
std::string room_code_of(std::string_view packet);

/// Connects so many more clients, a few at a time.
void add_ready_clients(crowd& all, std::uint32_t count, std::uint32_t at_once = 64);

/// Forms rooms of clients that are ready, beginning with this one, room by room.
void form_rooms(crowd& all, std::uint32_t first, std::uint32_t rooms, std::uint32_t members);

/// Somebody who looks on while nothing is expected to happen.
class bystander : public audience {
 public:
  void ready(client&) override {}
  void heard(client&, std::string_view) override {}
  void gone(client&) override {}
};

}  // namespace downbeat::bench
