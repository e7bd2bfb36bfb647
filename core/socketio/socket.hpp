#pragma once

#include "few.hpp"
#include "socketio/transport.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace downbeat::socketio {

/// The server's number for one socket, in the order of connecting, never used twice.
using socket_number = std::uint64_t;

struct room;  // in adapter.hpp

/// One client in one namespace.
struct socket {
  socket_number number = 0;
  client_id client = 0;
  std::string nsp;
  std::string id;  ///< public: what other clients know this one by

  few<room> rooms;  ///< in the order of joining
  std::uint64_t next_ack_id = 0;
  std::set<std::uint64_t> outstanding_acks;  ///< asked for by the server, not yet given
};

}  // namespace downbeat::socketio
