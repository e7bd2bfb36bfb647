#pragma once

#include "frame.hpp"
#include "input.hpp"
#include "notice.hpp"
#include "shard.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat {

/// WebSocket close codes that the core orders (RFC 6455, section 7.4.1).
enum class close_code : std::uint16_t {
  no_status = 1005,     ///< a close frame without a code
  abnormal = 1006,      ///< no close frame at all: the connection is dropped
  invalid_text = 1007,  ///< a text message was not UTF-8
  too_large = 1009,     ///< a message passed `max_payload_bytes`
};

/// Orders: the host carries them out in the order given, and never calls back while doing so.
namespace output {

/// Complete the WebSocket handshake with 101.
struct accept_websocket {
  transport_id transport;
};

/// Answer the WebSocket handshake with this plain HTTP response and close.
struct refuse_websocket {
  transport_id transport;
  int status;
  std::string_view content_type;
  std::string body;
};

struct send_frame {
  transport_id transport;
  frame data;
};

/// Send what is queued, then close. The core has forgotten the transport: report nothing of it.
struct close_transport {
  transport_id transport;
  close_code code;
};

/// Answer a request. Engine.IO responses are never to be cached.
struct respond {
  request_id request;
  int status;
  std::string_view content_type;  ///< empty: the response has no Content-Type
  std::string body;
};

/// Cut the connection of a request without an answer.
struct cut_request {
  request_id request;
};

/// Something for the operator's log.
struct report {
  std::unique_ptr<const notice> what;  ///< never null
};

/// Tell another shard something, after all that it was told before.
struct tell_shard {
  shard_index to;
  std::unique_ptr<const between_shards::message> what;  ///< never null
};

/// Move a connection to another shard, with the transports and the requests that it names, and
/// what they have not sent or read yet. The core has forgotten them here; report nothing of them.
struct move_connection {
  shard_index to;
  std::unique_ptr<parcel> what;  ///< never null
};

/// Move the TCP connection of this request, which has not been answered, to another shard, and
/// report the request there, as forwarded.
struct forward_request {
  request_id request;
  shard_index to;
};

/// The same with the request for a WebSocket.
struct forward_websocket {
  transport_id transport;
  shard_index to;
};

/// Ends every drain: call `handle` again with `deadline_reached` at this time, if nothing else
/// happens before. Without a deadline there is nothing to wait for.
struct wait_until {
  std::optional<instant_ms> deadline;
};

using any = std::variant<send_frame, accept_websocket, refuse_websocket, close_transport, respond,
                         cut_request, report, tell_shard, move_connection, forward_request,
                         forward_websocket, wait_until>;

}  // namespace output
}  // namespace downbeat
