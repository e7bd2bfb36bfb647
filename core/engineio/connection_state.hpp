// clang-format off
// The states of an Engine.IO connection, and which may follow which.
//
//   state       what it is                                  left for, and when
//   polling     HTTP long-polling carries it                probing: a WebSocket was opened for it
//                                                           closing
//   probing     polling goes on; the WebSocket owes a       probed: "2probe" came, and is answered
//               probe                                       polling: anything else came, the WebSocket
//                                                           was lost, or its time is up; closing
//   probed      polling goes on; a pending GET is           websocket: "5" came
//               released at intervals, because the client   polling: as above; closing
//               ends its polling before it sends "5"
//   websocket   a WebSocket carries it                      closing
//   closing     closed in this step; the application is     forgotten: the peer knows, or need not know
//               notified at its end                         lingering: the next GET must get the close
//   lingering   closed; kept until a GET has the close      forgotten: a GET had it, or none came in time
//   forgotten   its number and its session id mean nothing  nothing
// clang-format on
//
// A connection begins in `polling` or in `websocket`. It may be closed in every open state, which
// ends an upgrade first: so `closing` follows `polling` and `websocket` alone. It may move to
// another shard in every open state, at the end of a step, and goes on there in the same.
//
// Independent of the state, and so not in this table: the heartbeat; on polling the GET that waits,
// and the POST whose body is on its way or waits for its turn. That POST may outlast `polling`: its
// body is still handled in `websocket`.
#pragma once

#include "base/time.hpp"
#include "engineio/application.hpp"
#include "input.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace downbeat::engineio {

enum class connection_state : std::uint8_t {
  polling,
  probing,
  probed,
  websocket,
  closing,
  lingering,
  forgotten,
};

inline constexpr std::size_t connection_state_count = 7;

/// By state, the states that may follow, as bits. The same as the table above.
inline constexpr auto allowed_transitions = [] {
  using s = connection_state;
  const auto to = [](auto... states) {
    return static_cast<std::uint8_t>(((1u << static_cast<unsigned>(states)) | ... | 0u));
  };
  return std::array<std::uint8_t, connection_state_count>{
      /* polling   */ to(s::probing, s::closing),
      /* probing   */ to(s::probed, s::polling),
      /* probed    */ to(s::websocket, s::polling),
      /* websocket */ to(s::closing),
      /* closing   */ to(s::lingering, s::forgotten),
      /* lingering */ to(s::forgotten),
      /* forgotten */ to(),
  };
}();

constexpr bool is_allowed(connection_state from, connection_state to) {
  return (allowed_transitions[static_cast<std::size_t>(from)] >> static_cast<unsigned>(to) & 1u) !=
         0;
}

constexpr std::string_view name_of(connection_state state) {
  constexpr std::array<std::string_view, connection_state_count> names{
      "polling", "probing", "probed", "websocket", "closing", "lingering", "forgotten"};
  return names[static_cast<std::size_t>(state)];
}

/// What a connection knows in each of its states alone. A deadline is empty once it has passed.
namespace state {

struct polling {};
struct probing {
  transport_id transport;
  std::optional<instant_ms> until;
};
struct probed {
  transport_id transport;
  std::optional<instant_ms> until;
  std::optional<instant_ms> flush_at;  ///< when a pending GET is next released
};
struct websocket {
  transport_id transport;
};
struct closing {
  close_reason reason;
  std::optional<transport_id> websocket;  ///< that carried it
};
struct lingering {
  close_reason reason;
  std::optional<instant_ms> until;
};
struct forgotten {};

}  // namespace state

/// One connection's way through the table. Each function that changes the state is one of its
/// transitions: it returns false, and changes nothing, in a state that does not allow it.
class connection_machine {
 public:
  /// In the order of `connection_state`.
  using any_state = std::variant<state::polling, state::probing, state::probed, state::websocket,
                                 state::closing, state::lingering, state::forgotten>;

  /// For a handshake on polling; and for a connection that moves here, in its state there.
  connection_machine() = default;
  explicit connection_machine(any_state first) : state_(std::move(first)) {}

  [[nodiscard]] bool begin_upgrade(transport_id transport, instant_ms until) {
    return enter<connection_state::probing>(state::probing{transport, until});
  }
  [[nodiscard]] bool answer_probe(instant_ms flush_at) {
    const auto* const from = std::get_if<state::probing>(&state_);
    if (from == nullptr) return false;
    return enter<connection_state::probed>(state::probed{from->transport, from->until, flush_at});
  }
  [[nodiscard]] bool finish_upgrade() {
    const auto* const from = std::get_if<state::probed>(&state_);
    if (from == nullptr) return false;
    return enter<connection_state::websocket>(state::websocket{from->transport});
  }
  [[nodiscard]] bool abandon_upgrade() {
    return enter<connection_state::polling>(state::polling{});
  }
  [[nodiscard]] bool close(close_reason reason) {
    return enter<connection_state::closing>(state::closing{reason, websocket()});
  }
  [[nodiscard]] bool linger(instant_ms until) {
    const auto* const from = std::get_if<state::closing>(&state_);
    if (from == nullptr) return false;
    return enter<connection_state::lingering>(state::lingering{from->reason, until});
  }
  [[nodiscard]] bool forget() { return enter<connection_state::forgotten>(state::forgotten{}); }

  [[nodiscard]] connection_state state() const {
    return static_cast<connection_state>(state_.index());
  }
  /// Null in another state.
  template <class State>
  [[nodiscard]] State* get() {
    return std::get_if<State>(&state_);
  }
  template <class State>
  [[nodiscard]] const State* get() const {
    return std::get_if<State>(&state_);
  }

  [[nodiscard]] bool is_open() const { return state() <= connection_state::websocket; }
  [[nodiscard]] bool is_upgrading() const { return upgrade_transport().has_value(); }
  /// The WebSocket that carries it, or did so until it was closed. On polling it has none.
  [[nodiscard]] std::optional<transport_id> websocket() const {
    if (const auto* const in = get<state::websocket>()) return in->transport;
    if (const auto* const in = get<state::closing>()) return in->websocket;
    return std::nullopt;
  }
  /// The WebSocket that is to take over from polling.
  [[nodiscard]] std::optional<transport_id> upgrade_transport() const {
    if (const auto* const in = get<state::probing>()) return in->transport;
    if (const auto* const in = get<state::probed>()) return in->transport;
    return std::nullopt;
  }
  [[nodiscard]] std::optional<instant_ms> upgrade_deadline() const {
    if (const auto* const in = get<state::probing>()) return in->until;
    if (const auto* const in = get<state::probed>()) return in->until;
    return std::nullopt;
  }
  /// Why it was closed, in a state in which it is.
  [[nodiscard]] close_reason reason() const {
    if (const auto* const in = get<state::lingering>()) return in->reason;
    const auto* const in = get<state::closing>();
    return in == nullptr ? close_reason::transport_closed : in->reason;
  }

  /// The host has given its WebSockets new numbers, as it does when a connection moves.
  void renumber(std::optional<transport_id> websocket, std::optional<transport_id> upgrade) {
    if (websocket) state_ = state::websocket{*websocket};
    if (auto* const in = get<state::probing>(); in && upgrade) in->transport = *upgrade;
    if (auto* const in = get<state::probed>(); in && upgrade) in->transport = *upgrade;
  }

 private:
  template <connection_state next, class State>
  bool enter(State values) {
    static_assert(
        std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(next), any_state>,
                       State>);
    if (!is_allowed(state(), next)) return false;
    state_ = std::move(values);
    return true;
  }

  any_state state_;
};

}  // namespace downbeat::engineio
