#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::flood {

/// One hostile TCP connection, which its attack moves along.
struct assailant {
  std::uint32_t number = 0;
  int descriptor = -1;
  bool is_connected = false;
  int stage = 0;             ///< what the attack has done with it so far
  std::int64_t next_at = 0;  ///< when it does the next thing, for those that take their time
  std::string outbox;
  std::string inbox;  ///< what was read and not looked at yet
  std::string room;
};

/// Begins to connect to 127.0.0.1 from another address of the loopback; false if that cannot be.
bool connect_from(assailant& a, std::uint32_t source, std::uint16_t port, int receive_bytes);

/// Sends what it can of the outbox; false if the connection is gone.
bool push(assailant& a);

/// Reads what there is; false if the connection is gone.
bool pull(assailant& a);

/// Gives the connection up at once.
void abandon(assailant& a);

}  // namespace downbeat::flood
