#pragma once

#include "server/backlog.hpp"
#include "server/descriptor.hpp"
#include "server/http_exchange.hpp"
#include "websocket/frame_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace downbeat::host {

/// A number that names one TCP connection, and the WebSocket that it may become. Never used twice.
using connection_key = std::uint64_t;

/// What a connection is for at present.
enum class phase : std::uint8_t {
  http,       ///< requests and responses
  websocket,  ///< messages for the core and from it
  closing,    ///< our close frame is on its way, and the peer's is awaited
  draining,   ///< what still arrives is dropped, until the peer closes too
  closed,     ///< only waits to be forgotten at the end of the turn
};

/// What follows when all that is queued has been written.
enum class ending : std::uint8_t {
  none,
  half_close,  ///< say that no more will come, and let the peer close: a reset could outrun an
               ///< answer
  close,
};

/// One TCP connection. There may be many thousands of them that do nothing, so that what only some
/// need at some time is kept elsewhere.
struct connection {
  connection(connection_key its_key, descriptor its_socket)
      : key(its_key), socket(std::move(its_socket)) {}

  // What every message looks at stands first, in one line of the cache.
  connection_key key;
  descriptor socket;
  phase now = phase::http;
  ending then = ending::none;
  bool is_dirty = false;  ///< something is queued that has not been tried to be written
  bool is_awaiting_write = false;
  std::string out;       ///< queued for the peer; without memory when there is nothing
  std::size_t sent = 0;  ///< of `out`
  frame_reader frames;

  std::int64_t interval = 0;            ///< in which its messages are counted
  std::uint32_t heard = 0;              ///< of them so far
  bool is_paused = false;               ///< there were so many that it is not read for a while
  bool is_flooding = false;             ///< and so is read in small pieces
  bool is_known_to_core = false;        ///< as a transport
  bool is_leaving = false;              ///< moves to another loop at the end of the turn
  std::unique_ptr<http_exchange> http;  ///< while the phase is http
  std::unique_ptr<backlog> behind;      ///< `out`, if there is any
  std::size_t counted_bytes = 0;        ///< of those queued, in the sum of all connections
  std::string address;                  ///< of the client, under which it is counted

  [[nodiscard]] std::size_t queued_bytes() const {
    return out.size() - sent + (behind ? behind->size() : 0);
  }
};

}  // namespace downbeat::host
