#pragma once

#include "base/entropy.hpp"
#include "node.hpp"
#include "shard_message.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace downbeat {

struct migration;

/// The host's number for one WebSocket (or for a channel that carries messages like one). The host
/// never uses a number twice, and never the highest value of the type. This holds for `request_id`,
/// too.
using transport_id = std::uint64_t;

/// The host's number for one HTTP request. Never used twice.
using request_id = std::uint64_t;

enum class http_method { get, post, options, other };

/// The parts of an HTTP request's head that the core needs.
struct request_head {
  std::string_view query;           ///< after the `?`, still percent-encoded
  std::string_view origin;          ///< the Origin header, empty without one
  std::string_view content_type;    ///< the Content-Type header, empty without one
  std::string_view remote_address;  ///< of the peer, for limits and logs
  bool is_forwarded = false;        ///< passed on by a shard that could not answer it
};

/// Inputs: things that have already happened at the host. Views need to stay valid only until
/// `engine::handle` returns.
namespace input {

/// A client requested a WebSocket upgrade on the Engine.IO path. The core answers in the same step
/// with `accept_websocket`, `refuse_websocket` or `forward_websocket`.
struct websocket_requested {
  transport_id transport;
  request_head head;
  entropy fresh;
};

/// A complete message arrived on an accepted WebSocket.
struct frame_received {
  transport_id transport;
  bool is_binary;
  std::string_view data;
};

/// A message was larger than `max_payload_bytes`; the host stopped reading it.
struct frame_too_large {
  transport_id transport;
};

/// The WebSocket is closed or lost. The host does not send this for a transport that the core
/// closed itself.
struct transport_closed {
  transport_id transport;
};

/// The head of an HTTP request on the Engine.IO path arrived. The core answers with `respond`,
/// `cut_request` or `forward_request`, perhaps in a later step: a POST after its body, a GET when
/// there are packets to send.
struct request_received {
  request_id request;
  http_method method;
  request_head head;
  entropy fresh;
};

/// The complete body of a POST that has not been answered yet.
struct body_received {
  request_id request;
  std::string_view body;
};

/// The body of a POST was larger than `max_payload_bytes`; the host stopped reading it.
struct body_too_large {
  request_id request;
};

/// The client closed the connection before its request was answered.
struct request_aborted {
  request_id request;
};

/// The deadline of `wait_until` has passed. The host may send this early or late; that does no
/// harm.
struct deadline_reached {};

/// The server will stop within this many milliseconds (SIGTERM). The application notifies its
/// clients. Sessions go on, but nothing new begins.
struct drain_requested {
  std::uint64_t within_ms;
};

/// The server stops now: the core notifies every client and closes every transport.
struct shutdown_requested {};

/// The wall clock, in milliseconds since 1970-01-01 00:00 UTC. The host sends it before the first
/// input, then before the next input whenever a minute has passed or the clock was set. `now` alone
/// only measures time spans and means nothing to another process.
struct clock {
  std::int64_t wall_ms;
};

/// An operator's command, as JSON that `operations::read_command` checks. The core answers in the
/// same step with `output::answer` and the same id.
struct operator_command {
  std::uint64_t id;
  std::string_view json;
};

/// An operator's query for one page of a list, as JSON that `operations::read_query` checks.
/// Answered like a command.
struct query {
  std::uint64_t id;
  std::string_view json;
};

/// Another shard has sent a message to a layer of this one.
struct shard_message_received {
  std::uint32_t from;
  layer to;
  std::string_view text;  ///< as in `output::send_to_shard`
};

/// A connection migrated here from another shard, with its transports and requests.
struct connection_moved_in {
  migration* what;  ///< never null, borrowed; the core takes its state out
};

/// The settings have changed: a JSON object with the names of the jam settings. A missing setting
/// gets its default. Connected clients keep the values that they got in their handshake, except
/// that the largest message may grow. JSON that cannot be read changes nothing.
struct options_changed {
  std::string_view json;
};

/// A room that the host's journal has kept from an earlier engine, as `session::write_snapshot` has
/// written it. The host sends the rooms of this shard, and then `restore_finished`, before the
/// first client comes; later ones are ignored.
struct room_restored {
  std::string_view snapshot;
};

/// Everything that was kept has been restored. Nobody is connected yet, so the members are away, or
/// have left if no seats are kept.
struct restore_finished {};

/// The host's answer to `output::append`. An answer without an outstanding append is ignored.
struct append_answered {
  enum class outcome : std::uint8_t {
    appended,  ///< the events are in the log
    conflict,  ///< they are not: another process has appended to this room first
    failed,    ///< they are not in the log and never will be
    unknown,   ///< the result is not known yet; another answer follows
  };

  std::uint64_t append_id;
  outcome how;
  /// Only of a conflict: the events in the log after the expected head, as a JSON array. Empty if
  /// they have come before, by `room_appended` or `room_replaced`.
  std::string_view events = {};
};

// Several nodes. The host passes on what the others have appended before it answers an append of
// this one that comes later in the log.

/// The nodes that live, as JSON: `{"self":ID,"nodes":[{"id":ID,"name":"a"}, …]}`. The host sends it
/// before `restore_finished`, and whenever it changes. A node that is not in the list is dead. With
/// an empty list it is not known who lives, and nobody is taken for dead.
struct nodes_changed {
  std::string_view json;
};

/// Another node has appended to the log of a room.
struct room_appended {
  std::string_view room;
  std::uint64_t expected_head;  ///< number of events in the log before
  std::string_view events;      ///< a JSON array
};

/// The log of a room is not what this engine has been told: the store has lost something, or the
/// host has missed what cannot be read any more. An append that is outstanding is answered after
/// this, by `conflict` without events if it is not in the log.
struct room_replaced {
  std::string_view room;
  std::string_view snapshot;  ///< as `session::write_snapshot` writes it; empty: no such room
};

/// A message of `output::relay` from another node has arrived, in the order in which that node has
/// sent them. Some may be missing.
struct relay_received {
  node_id from;
  std::string_view message;
};

using any = std::variant<websocket_requested, frame_received, frame_too_large, transport_closed,
                         request_received, body_received, body_too_large, request_aborted,
                         deadline_reached, drain_requested, shutdown_requested, options_changed,
                         clock, operator_command, query, shard_message_received,
                         connection_moved_in, room_restored, restore_finished, append_answered,
                         nodes_changed, room_appended, room_replaced, relay_received>;

}  // namespace input
}  // namespace downbeat
