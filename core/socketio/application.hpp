#pragma once

#include "frame.hpp"
#include "measurement.hpp"
#include "shard.hpp"
#include "socketio/socket.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::socketio {

/// Why a client may not connect to a namespace: the payload of a CONNECT_ERROR packet.
struct connect_error {
  std::string message;
  std::string data;  ///< JSON, empty without any
};

/// What a client gave when it connected. Borrowed for the call.
struct connect_request {
  std::string_view nsp;
  std::string_view auth;   ///< a JSON object, `{}` if it gave none
  std::string_view query;  ///< of the transport's first request, still percent-encoded
  std::string_view remote_address;
  std::uint64_t seed;  ///< unpredictable, for what this socket may have to draw
};

/// An event, or the answer to one. Borrowed for the call.
struct message {
  std::string_view name;  ///< of an event; empty for an answer
  /// The whole JSON array, compact: of an event, its name and arguments; of an answer, its
  /// arguments. Attachments stand in it as placeholders, each of which names one that is there.
  std::string_view json;
  std::int32_t depth;  ///< how deep the JSON nests; the array itself is the first level
  const std::vector<frame>& attachments;
  std::optional<std::uint64_t> ack_id;  ///< to acknowledge an event with, if it asks for that
};

/// What runs on Socket.IO. The calls come from inside `engine::handle`; in each of them the
/// application may do with the server what it likes. A socket is borrowed for the call.
class application {
 public:
  virtual ~application() = default;

  /// Whether a client may connect to a namespace; nothing if it may.
  virtual std::optional<connect_error> admit(const connect_request& request) = 0;
  /// A client has connected, and its CONNECT was answered.
  virtual void connected(const socket& socket, const connect_request& request) = 0;
  virtual void received(instant_ms now, const socket& socket, const message& event) = 0;
  /// The client answered an event that asked for an acknowledgement.
  virtual void acknowledged(const socket& socket, std::uint64_t ack_id, const message& answer) = 0;
  /// The socket is gone, and out of its rooms. `reason` is in the words that Socket.IO uses.
  virtual void disconnected(const socket& socket, std::string_view reason) = 0;

  /// The host will stop within this time.
  virtual void draining(std::uint64_t within_ms) { static_cast<void>(within_ms); }
  /// Settings are others from now on.
  virtual void options_changed(std::string_view json) { static_cast<void>(json); }

  // With several shards. Applications that never move a socket need none of these.

  /// The socket moves to another shard: all that is known of it, which is to be forgotten here.
  virtual std::unique_ptr<luggage> pack(const socket&) { return nullptr; }
  /// A socket moved here, with what another shard has packed. It is in no room.
  virtual void unpack(instant_ms, const socket&, std::unique_ptr<luggage>) {}
  /// Another shard said something.
  virtual void told(instant_ms, shard_index, const between_shards::message&) {}

  /// Adds what an operator may want to know of the application's state.
  virtual void measure(std::vector<measurement>& into) const = 0;
  /// The application's state as a JSON value, for people who look on.
  [[nodiscard]] virtual std::string snapshot() const { return "null"; }
};

}  // namespace downbeat::socketio
