#pragma once

#include "base/small_vector.hpp"
#include "socketio/transport.hpp"
#include "text/sha256.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace downbeat::socketio {

/// The server's number for a socket, in the order of connecting. Never used twice.
using socket_number = std::uint64_t;

/// What a client waits for that has shown a secret of which nothing is known yet.
inline constexpr socket_number unknown_socket = 0;

struct room;  // in adapter.hpp

/// An application's state of a client. It lives as long as the connection, while the client's
/// sockets come and go, and migrates with the client.
class client_memory {
 public:
  client_memory() = default;
  client_memory(const client_memory&) = delete;
  client_memory& operator=(const client_memory&) = delete;
  virtual ~client_memory() = default;

  /// The state as compact JSON, for a trace of the shard that the client migrates to.
  [[nodiscard]] virtual std::string write() const = 0;
};

/// A secret of a client, and what the server keeps of it.
struct drawn_secret {
  std::string text;
  std::shared_ptr<const sha256_digest> hash;
};

/// One client in one namespace.
struct socket {
  socket_number number = 0;
  client_id client = 0;
  std::string nsp;
  std::string id;                   ///< public; other clients know it
  client_memory* memory = nullptr;  ///< of its client; may be null
  /// Of the private id by which a client recovers this socket; null without recovery.
  std::shared_ptr<const sha256_digest> pid_hash;
  std::uint32_t pid_shard = 0;  ///< where the `pid` was drawn; clients that show it go there first
  /// Of a second secret, which a page can keep and show after a reload, see `server::draw_token`;
  /// null without. It never goes to another shard.
  std::shared_ptr<const sha256_digest> token_hash;
  /// Of the token before, which stays valid: the client may not have got the new one.
  std::shared_ptr<const sha256_digest> former_token_hash;
  bool wants_offsets = false;  ///< see `server::broadcast`

  small_vector<room> rooms;  ///< in the order of joining
  std::uint64_t next_ack_id = 0;
  std::set<std::uint64_t> outstanding_acks;  ///< asked for by the server, not received yet
};

}  // namespace downbeat::socketio
