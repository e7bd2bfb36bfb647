#pragma once

#include "entropy.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace downbeat {

namespace between_shards {
struct message;
}
struct parcel;

/// The host's number for one WebSocket, or whatever carries messages like one. Never used twice.
using transport_id = std::uint64_t;

/// The host's number for one HTTP request. Never used twice.
using request_id = std::uint64_t;

enum class http_method { get, post, options, other };

/// What the host read from the head of a request, and where it came from.
struct request_head {
  std::string_view query;           ///< after the `?`, still percent-encoded
  std::string_view origin;          ///< the Origin header, empty without one
  std::string_view content_type;    ///< the Content-Type header, empty without one
  std::string_view remote_address;  ///< of the peer, for limits and logs
  bool is_forwarded = false;        ///< another shard could not answer it, and passed it on
};

/// Facts: what has already happened at the host. Views are borrowed until `engine::handle` returns.
namespace input {

/// A WebSocket upgrade was requested on the Engine.IO path, and has not been answered.
/// Answered in the same step by `accept_websocket` or `refuse_websocket`.
struct websocket_requested {
  transport_id transport;
  request_head head;
  entropy fresh;
};

/// A whole message arrived on an accepted WebSocket.
struct frame_received {
  transport_id transport;
  bool is_binary;
  std::string_view data;
};

/// A message grew past `max_payload_bytes`; the host stopped reading it.
struct frame_too_large {
  transport_id transport;
};

/// The WebSocket is gone: closed by the peer, or lost. Follows nothing that the core ordered.
struct transport_closed {
  transport_id transport;
};

/// The head of an HTTP request on the Engine.IO path. Answered by `respond` or `cut_request`: a
/// POST that is not answered at once will be after its body, a GET when there is something to say.
struct request_received {
  request_id request;
  http_method method;
  request_head head;
  entropy fresh;
};

/// The whole body of a POST that has not been answered yet.
struct body_received {
  request_id request;
  std::string_view body;
};

/// The body of a POST grew past `max_payload_bytes`; the host stopped reading it.
struct body_too_large {
  request_id request;
};

/// The peer went away before the request was answered.
struct request_aborted {
  request_id request;
};

/// The time that `wait_until` named has come. Early or late ones do no harm.
struct deadline_reached {};

/// The host will stop within so many milliseconds: the application tells its clients, what is in
/// progress goes on, and nothing new begins.
struct drain_requested {
  std::uint64_t within_ms;
};

/// The host is about to stop: every client is told, every transport closed.
struct shutdown_requested {};

/// Another shard said something.
struct shard_told {
  std::uint32_t from;
  const between_shards::message* what;  ///< never null, borrowed
};

/// A connection moved here from another shard, and its transports and requests with it.
struct connection_moved_in {
  parcel* what;  ///< never null, borrowed; its content is taken out
};

/// From now on, limits are others: a JSON object of settings, those of a jam by their names.
struct options_changed {
  std::string_view json;
};

using any = std::variant<websocket_requested, frame_received, frame_too_large, transport_closed,
                         request_received, body_received, body_too_large, request_aborted,
                         deadline_reached, drain_requested, shutdown_requested, options_changed,
                         shard_told, connection_moved_in>;

}  // namespace input
}  // namespace downbeat
