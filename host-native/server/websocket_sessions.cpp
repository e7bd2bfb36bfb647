#include "server/websocket_sessions.hpp"

#include "websocket/frame_writer.hpp"
#include "websocket/handshake.hpp"

#include <utility>

namespace downbeat::host {

void websocket_sessions::on_bytes(connection& c, std::span<char> bytes) {
  using kind = frame_event::kind;
  const auto limit = static_cast<std::uint64_t>(options_.max_payload_bytes);
  while (c.now == phase::websocket || c.now == phase::closing) {
    const frame_event event = c.frames.next(bytes, limit);
    switch (event.what) {
      case kind::need_more: return;
      case kind::text:
      case kind::binary: on_message(c, event); break;
      case kind::ping:
        if (c.now == phase::websocket) out_.send(c, opcode::pong, event.data);
        break;
      case kind::pong: break;
      case kind::close: return on_close(c, event.code);
      case kind::too_large:
        if (c.now == phase::websocket) core_.handle(input::frame_too_large{c.key});
        // The rest of the message is still to come, and nothing after it can be told from it.
        if (c.now != phase::closed) {
          if (c.is_known_to_core) forget_at_core(c);
          c.now = phase::draining;
          out_.end(c, ending::half_close);
        }
        return;
      case kind::broken: return fail(c, event.code);
    }
    core_.handle_later();
  }
}

void websocket_sessions::on_message(connection& c, const frame_event& event) {
  if (c.now != phase::websocket) return;
  ++count_.messages_received_total;
  ++c.heard;
  const bool is_binary = event.what == frame_event::kind::binary;
  core_.handle(input::frame_received{c.key, is_binary, event.data});
}

void websocket_sessions::on_close(connection& c, std::uint16_t code) {
  // The one who answers a close frame says the same; then it is for the server to hang up.
  if (c.now == phase::websocket) {
    append_close_frame(out_.queue(c), code);
    forget_at_core(c);
  }
  c.now = phase::draining;
  out_.end(c, ending::close);
}

void websocket_sessions::fail(connection& c, std::uint16_t code) {
  if (c.now == phase::websocket) {
    append_close_frame(out_.queue(c), code);
    forget_at_core(c);
  }
  c.now = phase::draining;
  out_.end(c, ending::half_close);
}

void websocket_sessions::forget_at_core(connection& c) {
  if (!std::exchange(c.is_known_to_core, false)) return;
  --count_.websockets;
  core_.later(input::transport_closed{c.key});
}

void websocket_sessions::accept(connection& c, std::string_view websocket_key) {
  out_.queue(c) += switching_protocols(websocket_key);
  c.now = phase::websocket;
  c.is_known_to_core = true;
  ++count_.websockets;
  ++count_.responses_total[1];
}

void websocket_sessions::send(connection& c, const frame& data) {
  if (c.now != phase::websocket) return;
  ++count_.messages_sent_total;
  out_.send(c, data);
}

void websocket_sessions::close(connection& c, close_code code) {
  if (!std::exchange(c.is_known_to_core, false)) return;
  --count_.websockets;
  if (code == close_code::abnormal) {
    c.now = phase::draining;
    return out_.end(c, ending::close);
  }
  append_close_frame(out_.queue(c), static_cast<std::uint16_t>(code));
  c.now = phase::closing;
  out_.end(c, ending::none);
}

}  // namespace downbeat::host
