#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::flood {

/// One hostile TCP connection, driven by its attack.
struct assailant {
  std::uint32_t number = 0;
  int descriptor = -1;
  bool is_connected = false;
  int stage = 0;               ///< how far the attack is with it
  std::int64_t next_at = 0;    ///< the time of its next step, for attacks with pauses
  std::uint64_t received = 0;  ///< bytes, on this connection
  std::string outbox;
  std::string inbox;  ///< received and not parsed yet
  std::string room;
};

/// Begins to connect to 127.0.0.1 from another loopback address. Returns false if that fails.
bool connect_from(assailant& a, std::uint32_t source, std::uint16_t port, int receive_bytes);

/// Sends what it can of the outbox. Returns false if the connection is closed.
bool push(assailant& a);

/// Reads what there is. Returns false if the connection is closed.
bool pull(assailant& a);

/// Closes the connection at once.
void abandon(assailant& a);

}  // namespace downbeat::flood
