#pragma once

#include "base/rate_limiter.hpp"
#include "connection/connection_state.hpp"
#include "connection/http_exchange.hpp"
#include "connection/send_queue.hpp"
#include "io/byte_stream.hpp"
#include "websocket/frame_reader.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace downbeat::host {

/// Identifies one TCP connection, also after it has become a WebSocket. Never reused.
using connection_key = std::uint64_t;

/// The decoder of a WebSocket client's frames, and the rate at which the host reads them.
struct websocket_input {
  enum class pace : std::uint8_t {
    normal,
    flooding,  ///< was paused, and not all of its data has been read since
    paused,    ///< the message window is used up: the host does not read for a while
  };

  frame_reader frames;
  rate_limiter message_window;          ///< says how many more frames may be
                                        ///< read now
  std::unique_ptr<std::string> unread;  ///< bytes received before the pause and not decoded yet
  pace reading = pace::normal;
};

/// What to do after the last bytes have been sent.
enum class ending : std::uint8_t {
  half_close,  ///< shut down sending and wait for the client to close: a reset could overtake the
               ///< response
  close,
};

// The states of a connection, each with the data that it needs. See connection_state.hpp.

/// `idle`, `reading_head`, `reading_body`, `waiting` or `answering`. Its data is allocated
/// separately, because most connections are WebSockets.
struct http_state {
  std::unique_ptr<http_exchange> exchange;
};
struct websocket_state {
  websocket_input input;
};
struct closing_state {
  websocket_input input;
};
struct flushing_state {
  ending then;
  bool is_http;  ///< an HTTP client may have closed its half and still wait for the response
  bool is_input_over = false;
};
struct draining_state {};
struct migrating_state {
  std::variant<http_state, websocket_state> as;
};
struct closed_state {};

/// One TCP connection. Many thousands may be idle, so that data which few of them need is allocated
/// separately.
class connection {
 public:
  connection(connection_key its_key, byte_stream its_stream)
      : key(its_key),
        stream(std::move(its_stream)),
        state_(http_state{std::make_unique<http_exchange>()}) {}

  // Members that every message uses come first, for the cache.

  connection_key key;
  byte_stream stream;

  /// What the loop is to wait for.
  struct interest {
    bool reading = true;
    bool writing = false;
    bool operator==(const interest&) const = default;
  };
  interest watched;

  /// The waits that are under way. They are begun at the end of a turn, and not ended early.
  struct waits {
    bool reading = false;
    bool writing = false;
    bool loss = false;
    bool is_due = false;  ///< the connection is in the list of those that may begin one
  };
  waits pending;

  send_queue out;

  // State.

  [[nodiscard]] connection_state state() const;

  template <class State>
  [[nodiscard]] bool is() const {
    return std::holds_alternative<State>(state_);
  }
  template <class State>
  [[nodiscard]] State* get_if() {
    return std::get_if<State>(&state_);
  }

  /// Enters the next state. Pointers into the data of the old state become invalid.
  template <class State>
  void become(State next) {
    assert(is_allowed(state(), state_of(next)));
    state_ = std::move(next);
  }

  /// Returns the HTTP state that it had.
  std::unique_ptr<http_exchange> become_websocket();

  /// The exchange if the connection speaks HTTP, otherwise nullptr.
  [[nodiscard]] http_exchange* http() const {
    const auto* const one = std::get_if<http_state>(&state_);
    return one != nullptr ? one->exchange.get() : nullptr;
  }

  /// The decoder if frames from the client are still decoded, otherwise nullptr.
  [[nodiscard]] websocket_input* frames() {
    if (auto* const one = std::get_if<websocket_state>(&state_)) return &one->input;
    if (auto* const one = std::get_if<closing_state>(&state_)) return &one->input;
    return nullptr;
  }

  /// Whether the host has queued or sent the end of this connection.
  [[nodiscard]] bool is_ending() const {
    return is<closing_state>() || is<flushing_state>() || is<draining_state>();
  }

  // What the core knows about this connection, also during a migration.

  [[nodiscard]] bool is_transport() const;
  [[nodiscard]] http_exchange* request_exchange() const;

  // Migration.

  void begin_migration();  ///< only for an HTTP request or a WebSocket
  void end_migration();

  [[nodiscard]] interest wanted() const {
    return {wants_reading() || stream.wants_read(),
            (out.is_blocked && !stream.wants_read()) || stream.wants_write()};
  }
  /// Whether the host should read from the client now.
  [[nodiscard]] bool wants_reading() const;

  std::string address;  ///< the client's, for the connection limits

 private:
  static connection_state state_of(const http_state& one) { return one.exchange->state(); }
  static connection_state state_of(const websocket_state&) { return connection_state::websocket; }
  static connection_state state_of(const closing_state&) { return connection_state::closing; }
  static connection_state state_of(const flushing_state&) { return connection_state::flushing; }
  static connection_state state_of(const draining_state&) { return connection_state::draining; }
  static connection_state state_of(const migrating_state&) { return connection_state::migrating; }
  static connection_state state_of(const closed_state&) { return connection_state::closed; }

  std::variant<http_state, websocket_state, closing_state, flushing_state, draining_state,
               migrating_state, closed_state>
      state_;
};

}  // namespace downbeat::host
