#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace downbeat::bench {

/// One Socket.IO client on a WebSocket. The crowd that it belongs to moves it along.
struct client {
  enum class stage {
    connecting,  ///< TCP
    upgrading,   ///< has asked for a WebSocket
    opening,     ///< waits for the Engine.IO handshake
    joining,     ///< has asked for the main namespace
    ready,
    silent,   ///< neither reads nor answers, as if its cable was cut
    closing,  ///< has sent a close frame
    closed,
  };

  std::uint32_t number;  ///< its place in the crowd
  int descriptor = -1;
  stage at = stage::connecting;
  bool is_to_flush = false;
  bool is_blocked = false;   ///< the socket takes no more for now
  std::string id;            ///< the public id that the server gave
  std::string outbox;        ///< frames to send at the end of the turn
  std::string half_a_frame;  ///< received so far
};

}  // namespace downbeat::bench
