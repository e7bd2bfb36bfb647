#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace downbeat::bench {

/// One Socket.IO client on a WebSocket. Its crowd drives it.
struct client {
  enum class stage {
    connecting,  ///< TCP connect
    upgrading,   ///< has sent the WebSocket handshake
    opening,     ///< waits for the Engine.IO open packet
    joining,     ///< has sent CONNECT to the main namespace
    ready,
    silent,   ///< neither reads nor answers, as after a cable was cut
    closing,  ///< has sent a close frame
    closed,
  };

  std::uint32_t number;  ///< its index in the crowd
  int descriptor = -1;
  stage at = stage::connecting;
  bool is_to_flush = false;
  bool is_blocked = false;   ///< the socket takes no more for now
  std::string id;            ///< the public id that the server gave
  std::string outbox;        ///< frames to send at the end of the iteration
  std::string half_a_frame;  ///< the received part of an incomplete frame
};

}  // namespace downbeat::bench
