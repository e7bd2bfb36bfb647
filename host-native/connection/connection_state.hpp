// clang-format off
// The states of a connection, and which may follow which.
//
//   state         what it is                                reads  left for, and when
//   idle          HTTP, between two requests                yes    reading_head: bytes came
//   reading_head  a request has begun                       yes    reading_body: its head is whole
//   reading_body  the head is known and passed on; an       yes    waiting, answering, idle: the request is
//                 answer before the end of the body is             whole, and its answer owed, being sent, or sent;
//                 kept until then                                  websocket: the core accepts
//   waiting       the whole request is here, and the core   some   answering: the answer is queued
//                 (or another loop) owes the answer
//   answering     the answer is being sent                  some   idle: all of it is sent
//   websocket     RFC 6455; the core knows the transport    paced  closing: the core closes it, our close frame is queued
//   closing       our close frame is sent, the peer's is    paced  flushing: it has come, or a frame is broken
//                 awaited
//   flushing      the last bytes are being sent; what       yes    draining: all is sent, and our half closed
//                 comes is dropped
//   draining      our half is closed; what comes is         yes    closed: the peer closes, too
//                 dropped
//   migrating     moves to another loop at the end of the   no     in the other loop: its state before, with new numbers
//                 iteration, with its state and queue
//   closed        is freed at the end of the iteration      no     nothing
// clang-format on
//
// Every open state can also be followed by `flushing` (the last response, a protocol error, the
// server stops) and by `closed` (the client is gone, a deadline has passed). Exceptions:
// `migrating` is not flushed, and `draining` has nothing left to flush. Only requests and
// WebSockets that the core knows migrate: `reading_body`, `waiting`, `websocket`.
//
// "some": the host stops reading when it holds more than 16 KiB of further requests, or when the
// client has shut down sending. "paced": it stops reading while the message window is used up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace downbeat::host {

enum class connection_state : std::uint8_t {
  idle,
  reading_head,
  reading_body,
  waiting,
  answering,
  websocket,
  closing,
  flushing,
  draining,
  migrating,
  closed,
};

inline constexpr std::size_t connection_state_count = 11;

/// For each state, the states that may follow, as bits. Must agree with the table above.
inline constexpr auto allowed_transitions = [] {
  using s = connection_state;
  const auto to = [](auto... states) {
    return static_cast<std::uint16_t>(((1u << static_cast<unsigned>(states)) | ... | 0u));
  };
  return std::array<std::uint16_t, connection_state_count>{
      /* idle         */ to(s::reading_head, s::flushing, s::closed),
      /* reading_head */ to(s::reading_body, s::flushing, s::closed),
      /* reading_body */
      to(s::waiting, s::answering, s::idle, s::websocket, s::migrating, s::flushing, s::closed),
      /* waiting      */ to(s::answering, s::migrating, s::flushing, s::closed),
      /* answering    */ to(s::idle, s::flushing, s::closed),
      /* websocket    */ to(s::closing, s::migrating, s::flushing, s::closed),
      /* closing      */ to(s::flushing, s::closed),
      /* flushing     */ to(s::draining, s::closed),
      /* draining     */ to(s::closed),
      /* migrating    */ to(s::reading_body, s::waiting, s::websocket, s::closed),
      /* closed       */ to(),
  };
}();

constexpr bool is_allowed(connection_state from, connection_state to) {
  return (allowed_transitions[static_cast<std::size_t>(from)] >> static_cast<unsigned>(to) & 1u) !=
         0;
}

constexpr std::string_view name_of(connection_state state) {
  constexpr std::array<std::string_view, connection_state_count> names{
      "idle",    "reading_head", "reading_body", "waiting",   "answering", "websocket",
      "closing", "flushing",     "draining",     "migrating", "closed"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace downbeat::host
