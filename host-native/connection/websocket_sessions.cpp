#include "connection/websocket_sessions.hpp"

#include "websocket/frame_writer.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

// A chord, or messages that the network has delayed together, must never be slowed down.
constexpr std::int64_t min_burst = 50;
// How often paused clients are looked at. Within this time a window regains less than its burst, so
// that no rate limiter is lost.
constexpr instant_ms window_check_interval_ms = 10;
// Each may have many messages to decode. Others get their share in between.
constexpr std::size_t max_resumed_per_turn = 16;
constexpr instant_ms next_resume_batch_ms = 1;

// The limit on a client's frames: `max_messages_per_second`, in bursts of a tenth of that, at least
// `min_burst`, and at most one second's worth.
rate message_rate_of(const server_options& options) {
  const std::int64_t count = options.max_messages_per_second;
  return {count, 1'000, std::max(count / 10, std::min(count, min_burst))};
}

}  // namespace

websocket_sessions::websocket_sessions(const server_options& options, event_loop& events,
                                       connection_table& connections, driver& core, outbox& out,
                                       counters& count)
    : options_(options),
      events_(events),
      connections_(connections),
      core_(core),
      out_(out),
      counters_(count),
      window_timer_(events, [this] { resume_some(); }) {}

void websocket_sessions::on_bytes(connection& c, std::span<char> bytes) {
  using kind = frame_event::kind;
  const auto limit = static_cast<std::uint64_t>(options_.max_payload_bytes);
  const rate message_rate = message_rate_of(options_);
  const instant_ms now = core_.now();
  while (websocket_input* const input = c.frames()) {
    rate_limiter& window = input->message_window;
    // After our close frame, the host reads only to find the client's, without a limit.
    // `is_idle` detects the usual case, an unused window, without a division.
    if (!bytes.empty() && !window.is_idle(now) && c.is<websocket_state>() &&
        !window.has_room(now, message_rate)) {
      return pause(c, bytes);
    }
    const frame_event event = input->frames.next(bytes, limit);
    if (event.what == kind::need_more) return;
    window.spend(now, message_rate);
    switch (event.what) {
      case kind::need_more:
      case kind::fragment: break;
      case kind::text:
      case kind::binary: on_message(c, event); break;
      case kind::ping:
        if (c.is<websocket_state>()) out_.send(c, opcode::pong, event.data);
        break;
      case kind::pong: break;
      case kind::close: return end(c, event.code, ending::close);
      case kind::too_large: return on_too_large(c);
      case kind::broken: return end(c, event.code, ending::half_close);
    }
    core_.handle_later();
  }
  keep_for_migration(c, bytes);
}

// A connection migrates before all received bytes are decoded: they go with it and are decoded in
// the other loop.
void websocket_sessions::keep_for_migration(connection& c, std::span<char> unread) {
  auto* const moving = c.get_if<migrating_state>();
  if (moving == nullptr || unread.empty()) return;
  if (auto* const as = std::get_if<websocket_state>(&moving->as)) {
    as->input.unread = std::make_unique<std::string>(unread.data(), unread.size());
    as->input.reading = websocket_input::pace::paused;
  }
}

// The limit on messages.

void websocket_sessions::pause(connection& c, std::span<char> unread) {
  websocket_input& input = *c.frames();
  counters_.limited.count("messages_per_second");
  input.unread = std::make_unique<std::string>(unread.data(), unread.size());
  input.reading = websocket_input::pace::paused;
  paused_.push_back(c.key);
  arm();
  out_.update_wait(c);
}

void websocket_sessions::arm() {
  if (window_timer_.is_set()) return;
  window_timer_.set(events_.now() + std::chrono::milliseconds(window_check_interval_ms));
}

void websocket_sessions::resume_some() {
  const rate message_rate = message_rate_of(options_);
  std::size_t resumed = 0;
  for (std::size_t left = paused_.size(); left > 0; --left) {
    if (resumed == max_resumed_per_turn) {
      window_timer_.set(events_.now() + std::chrono::milliseconds(next_resume_batch_ms));
      break;
    }
    const connection_key key = paused_.front();
    paused_.pop_front();
    connection* const c = connections_.find(key);
    websocket_input* const input = c != nullptr ? c->frames() : nullptr;
    if (input == nullptr) continue;
    if (c->is<websocket_state>() && !input->message_window.has_room(core_.now(), message_rate)) {
      paused_.push_back(key);
      continue;
    }
    resume(*c);
    ++resumed;
  }
  if (!paused_.empty()) arm();
  core_.handle_later();
}

// Decodes the kept bytes. The host reads again only when all of them are decoded.
void websocket_sessions::resume(connection& c) {
  const std::unique_ptr<std::string> bytes = std::move(c.frames()->unread);
  if (bytes) on_bytes(c, *bytes);
  // Afterwards the window may be used up again, or the connection may have migrated or ended.
  websocket_input* const input = c.frames();
  if (input == nullptr || input->unread) return;
  input->reading = websocket_input::pace::flooding;
  out_.update_wait(c);
}

void websocket_sessions::on_attached(connection& c) {
  websocket_input* const input = c.frames();
  if (input == nullptr || input->reading != websocket_input::pace::paused) return;
  if (!input->unread) {
    input->reading = websocket_input::pace::flooding;
    return;
  }
  paused_.push_back(c.key);
  arm();
}

// Messages from clients.

void websocket_sessions::on_message(connection& c, const frame_event& event) {
  if (!c.is<websocket_state>()) return;
  ++counters_.messages_received_total;
  const bool is_binary = event.what == frame_event::kind::binary;
  core_.handle(input::frame_received{c.key, is_binary, event.data});
}

void websocket_sessions::on_too_large(connection& c) {
  if (c.is<websocket_state>()) core_.handle(input::frame_too_large{c.key});
  // The rest of this message would still follow, so that no later frame can be recognized.
  if (c.frames() == nullptr) return;
  out_.detach_from_core(c);
  out_.flush_and_end(c, ending::half_close);
}

// Answers a close frame with the same code, and a protocol error with its code (RFC 6455, 7.4.1).
// After the client's close frame the server closes the TCP connection first (7.1.1).
void websocket_sessions::end(connection& c, std::uint16_t code, ending how) {
  if (c.is<websocket_state>()) {
    append_close_frame(out_.queue(c), code);
    out_.detach_from_core(c);
  }
  out_.flush_and_end(c, how);
}

std::unique_ptr<http_exchange> websocket_sessions::accept(connection& c,
                                                          const owed_handshake& asked) {
  out_.queue(c) += switching_protocols(asked.key, asked.protocol);
  ++counters_.websockets;
  ++counters_.responses_total[1];
  return c.become_websocket();
}

void websocket_sessions::send(connection& c, const frame& data) {
  if (!c.is<websocket_state>()) return;
  ++counters_.messages_sent_total;
  out_.send(c, data);
}

void websocket_sessions::close(connection& c, close_code code) {
  auto* const open = c.get_if<websocket_state>();
  if (open == nullptr) return;
  --counters_.websockets;
  if (code == close_code::abnormal) return out_.flush_and_end(c, ending::close);
  append_close_frame(out_.queue(c), static_cast<std::uint16_t>(code));
  c.become(closing_state{std::move(open->input)});
  out_.begin_close(c);
}

}  // namespace downbeat::host
