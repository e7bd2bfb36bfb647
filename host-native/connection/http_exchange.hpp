#pragma once

#include "connection/connection_state.hpp"
#include "http/request_reader.hpp"
#include "input.hpp"

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::host {

/// The core (or, for metrics, the loops together) owes a response to this request.
struct owed_answer {
  request_id request;
};

/// The core decides whether to accept a WebSocket handshake.
struct owed_handshake {
  std::string key;
  std::string protocol;  ///< the chosen subprotocol; empty if the client offered none
};

/// The response is queued. This can happen before the end of the request has been read.
struct given_answer {};

/// The HTTP side of a connection: the current request, its response, and the bytes received after
/// it.
class http_exchange {
 public:
  struct idle {
    static constexpr connection_state state = connection_state::idle;
  };
  struct reading_head {
    static constexpr connection_state state = connection_state::reading_head;
    std::unique_ptr<request_reader> reader;
  };
  struct reading_body {
    static constexpr connection_state state = connection_state::reading_body;
    std::unique_ptr<request_reader> reader;
    /// `monostate` only while the head is examined.
    std::variant<std::monostate, owed_answer, owed_handshake, given_answer> answer{};
    std::uint64_t discarded_bytes = 0;  ///< of a body that is not used
  };
  struct waiting {
    static constexpr connection_state state = connection_state::waiting;
    request_id request;
  };
  struct answering {
    static constexpr connection_state state = connection_state::answering;
  };

  [[nodiscard]] connection_state state() const {
    return std::visit([](const auto& one) { return one.state; }, state_);
  }

  template <class State>
  [[nodiscard]] State* get_if() {
    return std::get_if<State>(&state_);
  }
  template <class State>
  [[nodiscard]] bool is() const {
    return std::holds_alternative<State>(state_);
  }

  template <class State>
  void become(State next) {
    assert(is_allowed(state(), State::state));
    state_ = std::move(next);
  }

  /// The number of the request that waits for a response, if there is one.
  [[nodiscard]] std::optional<request_id> request() const {
    if (const auto* const one = std::get_if<waiting>(&state_)) return one->request;
    if (const auto* const one = std::get_if<reading_body>(&state_)) {
      if (const auto* const owed = std::get_if<owed_answer>(&one->answer)) return owed->request;
    }
    return std::nullopt;
  }

  /// Sets the number that the request has in the other loop after a migration.
  void renumber(request_id request) {
    if (auto* const one = std::get_if<waiting>(&state_)) one->request = request;
    if (auto* const one = std::get_if<reading_body>(&state_)) {
      if (auto* const owed = std::get_if<owed_answer>(&one->answer)) owed->request = request;
    }
  }

  /// Whether a request has begun and its end has not been received yet.
  [[nodiscard]] bool is_reading() const { return is<reading_head>() || is<reading_body>(); }

  // Of the connection:

  std::string proxy;           ///< the address of the trusted proxy at the other end; empty if it
                               ///< is none
  std::string in;              ///< received and not parsed yet
  bool is_input_over = false;  ///< the client has shut down sending

  // Of the current request:

  bool is_post = false;
  bool is_head = false;
  bool is_poll = false;  ///< a long-polling GET, which the core answers when it has something to
                         ///< send
  bool is_keep_alive = false;
  std::string fields;  ///< header fields for the response

 private:
  std::variant<idle, reading_head, reading_body, waiting, answering> state_;
};

}  // namespace downbeat::host
