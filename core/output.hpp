#pragma once

#include "base/frame.hpp"
#include "base/time.hpp"
#include "input.hpp"
#include "migration.hpp"
#include "node.hpp"
#include "shard.hpp"
#include "shard_message.hpp"
#include "telemetry/notice.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat {

/// WebSocket close codes that the core uses (RFC 6455, section 7.4.1).
enum class close_code : std::uint16_t {
  no_status = 1005,     ///< a close frame without a code
  abnormal = 1006,      ///< no close frame at all: the connection is dropped
  invalid_text = 1007,  ///< a text message was not UTF-8
  too_large = 1009,     ///< a message was larger than `max_payload_bytes`
};

/// Outputs: what the host must do, in this order. The host must not call the engine meanwhile.
namespace output {

/// Complete the WebSocket handshake with status 101.
struct accept_websocket {
  transport_id transport;
};

/// Answer the WebSocket handshake with a plain HTTP response, then close the connection.
struct refuse_websocket {
  transport_id transport;
  int status;
  std::string_view content_type;
  std::string body;
};

/// Send one WebSocket message. `data` says whether it is text or binary.
struct send_frame {
  transport_id transport;
  frame data;
};

/// Send what is queued, then close. The core has forgotten the transport; send no more inputs about
/// it.
struct close_transport {
  transport_id transport;
  close_code code;
};

/// Answer an HTTP request. Engine.IO responses must not be cached.
struct respond {
  request_id request;
  int status;
  std::string_view content_type;  ///< empty: the response has no Content-Type
  std::string body;
};

/// Close the connection of an HTTP request without an answer.
struct cut_request {
  request_id request;
};

/// Write a line to the operator's log.
struct report {
  std::unique_ptr<const notice> what;  ///< never null
};

/// The answer to an operator's command or query.
struct answer {
  std::uint64_t id;  ///< of the command or query
  std::string json;  ///< an object; its member `ok` says whether it worked
};

/// Deliver a message to another shard, after all messages sent there before.
struct send_to_shard {
  shard_index to;
  shard_message message;
};

/// Migrate a connection to another shard, with its transports and requests and all bytes that they
/// have not sent or read yet. The core has forgotten them here; send no more inputs about them.
struct move_connection {
  shard_index to;
  std::unique_ptr<migration> what;  ///< never null
};

/// Move the TCP connection of a request that is not answered yet to another shard, and send it
/// there as `request_received` with `is_forwarded`.
struct forward_request {
  request_id request;
  shard_index to;
};

/// The same for the request of a WebSocket.
struct forward_websocket {
  transport_id transport;
  shard_index to;
};

/// Append events to the log of a room, all or none, if the log ends at `expected_head`. The host
/// answers with `input::append_answered`. Sending one id twice must append once; after a restart
/// the ids begin at 1 again. A log ends with the event `closed`, and the next room with this code
/// begins with an empty log.
struct append {
  std::uint64_t append_id;      ///< never used twice by one engine
  std::string room;             ///< the room's code
  std::uint64_t expected_head;  ///< number of events in the log so far
  std::string events;           ///< a JSON array of session events
  std::uint64_t new_head = 0;   ///< the log's length with them; 0 if they end the log
};

/// Send a message to other nodes, to each after those before. It may be lost.
struct relay {
  std::vector<node_id> to;  ///< not empty, without this node
  std::string message;      ///< any bytes
};

/// The last output of every step: send `deadline_reached` at this time, unless another input comes
/// first. Without a deadline there is nothing to wait for.
struct wait_until {
  std::optional<instant_ms> deadline;
};

using any = std::variant<send_frame, accept_websocket, refuse_websocket, close_transport, respond,
                         cut_request, report, answer, send_to_shard, move_connection,
                         forward_request, forward_websocket, wait_until, append, relay>;

}  // namespace output
}  // namespace downbeat
