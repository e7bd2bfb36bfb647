#include "engineio/server.hpp"

#include "base/heap_sort.hpp"
#include "text/utf8.hpp"

#include <cassert>
#include <string>
#include <utility>

namespace downbeat::engineio {

std::string_view to_string(close_reason reason) {
  switch (reason) {
    case close_reason::transport_closed: return "transport close";
    case close_reason::transport_error: return "transport error";
    case close_reason::parse_error: return "parse error";
    case close_reason::ping_timeout: return "ping timeout";
    case close_reason::slow_reader: return "slow reader";
    case close_reason::forced_close: return "forced close";
    case close_reason::server_shutdown: return "server shutting down";
  }
  return "unknown";
}

server::server(const options& options, output_queue& outputs, shard here)
    : options_(options), outputs_(outputs), here_(here) {}

server::~server() = default;

// What arrives on a WebSocket.

void server::handle(instant_ms now, const input::frame_received& input) {
  connection* c = find_transport(input.transport);
  if (c == nullptr) return;
  const bool is_upgrade = c->machine.websocket() != input.transport;
  if (!input.is_binary && !utf8::is_valid(input.data)) {
    if (is_upgrade) return fail_upgrade(*c, close_code::invalid_text);
    return close(*c, close_reason::parse_error, close_code::invalid_text);
  }
  if (is_upgrade) return on_upgrade_frame(now, *c, input);
  if (input.is_binary) return on_packet(now, *c, {packet_type::message, true, input.data});
  std::string decoded;
  const auto packet = decode_text(input.data, decoded);
  if (!packet) return close(*c, close_reason::parse_error);
  on_packet(now, *c, *packet);
}

void server::handle(instant_ms, const input::frame_too_large& input) {
  connection* c = find_transport(input.transport);
  if (c == nullptr) return;
  limited_.count("payload_bytes");
  if (c->machine.websocket() != input.transport) return fail_upgrade(*c, close_code::too_large);
  close(*c, close_reason::transport_error, close_code::too_large);
}

void server::handle(instant_ms, const input::transport_closed& input) {
  connection* c = find_transport(input.transport);
  if (c == nullptr) return;
  if (c->machine.websocket() == input.transport) {
    return close(*c, close_reason::transport_closed, std::nullopt);
  }
  by_transport_.erase(input.transport);
  end_upgrade(*c);
}

// Packets, from either transport.

void server::on_packet(instant_ms now, connection& c, const packet& packet) {
  if (c.beat == heartbeat::awaiting_pong && packet.type != packet_type::pong) {
    // The peer is alive but its pong is queued behind a long message.
    expect_pong(now, c, heartbeat::awaiting_pong_late);
  }
  switch (packet.type) {
    case packet_type::message:
      return application_->received(now, c.id, packet.is_binary, packet.data);
    case packet_type::pong:
      if (c.beat != heartbeat::resting) rest_until_ping(now, c);
      return;
    case packet_type::ping: return close(c, close_reason::transport_error);
    case packet_type::close: return close(c, close_reason::transport_closed);
    case packet_type::open:
    case packet_type::upgrade:
    case packet_type::noop: return;
  }
}

// Time.

void server::handle(instant_ms now, const input::deadline_reached&) {
  while (const auto due = deadlines_.take_due(now)) {
    connection& c = *find(due->first);
    slot_of(c, due->second)->reset();
    on_deadline(now, c, due->second);
  }
}

void server::on_deadline(instant_ms now, connection& c, deadline_kind kind) {
  switch (kind) {
    case deadline_kind::heartbeat:
      if (c.beat != heartbeat::resting) return close(c, close_reason::ping_timeout);
      transmit(c, encode_packet(packet_type::ping));
      // The ping may have exceeded the limit of a queue and closed the connection.
      if (c.machine.is_open()) expect_pong(now, c, heartbeat::awaiting_pong);
      return;
    case deadline_kind::upgrade:
      limited_.count("upgrade_time");
      return fail_upgrade(c, close_code::no_status);
    case deadline_kind::upgrade_flush:
      if (c.polling->poll && c.polling->outbox.empty()) {
        answer_poll(c, encode_packet(packet_type::noop).bytes());
      }
      return set_deadline(c, deadline_kind::upgrade_flush, now + upgrade_flush_interval_ms);
    case deadline_kind::linger: return forget(c);
    case deadline_kind::post: return resume_post(now, c);
  }
}

void server::rest_until_ping(instant_ms now, connection& c) {
  c.beat = heartbeat::resting;
  set_deadline(c, deadline_kind::heartbeat, now + options_.ping_interval_ms);
}

void server::expect_pong(instant_ms now, connection& c, heartbeat beat) {
  c.beat = beat;
  set_deadline(c, deadline_kind::heartbeat, now + options_.ping_timeout_ms);
}

std::optional<instant_ms>* server::slot_of(connection& c, deadline_kind kind) {
  auto* const probing = c.machine.get<state::probing>();
  auto* const probed = c.machine.get<state::probed>();
  auto* const lingering = c.machine.get<state::lingering>();
  switch (kind) {
    case deadline_kind::heartbeat: return &c.beat_deadline;
    case deadline_kind::upgrade:
      if (probing != nullptr) return &probing->until;
      return probed == nullptr ? nullptr : &probed->until;
    case deadline_kind::upgrade_flush: return probed == nullptr ? nullptr : &probed->flush_at;
    case deadline_kind::post: return c.polling ? &c.polling->deferred_until : nullptr;
    case deadline_kind::linger: return lingering == nullptr ? nullptr : &lingering->until;
  }
  return nullptr;
}

void server::must(bool was_allowed) {
  assert(was_allowed);
  static_cast<void>(was_allowed);
}

void server::set_deadline(connection& c, deadline_kind kind, instant_ms at) {
  clear_deadline(c, kind);
  *slot_of(c, kind) = at;
  deadlines_.set(at, {c.id, kind});
}

void server::clear_deadline(connection& c, deadline_kind kind) {
  auto* const slot = slot_of(c, kind);
  if (slot == nullptr || !*slot) return;
  deadlines_.cancel(**slot, {c.id, kind});
  slot->reset();
}

// Sending and closing.

void server::send(connection_id to, const frame& message) {
  connection* c = find(to);
  if (c != nullptr && c->machine.is_open()) transmit(*c, message);
}

void server::transmit(connection& c, const frame& packet) {
  const auto* const websocket = c.machine.get<state::websocket>();
  if (websocket == nullptr) {
    queue_for_poll(c, packet);
  } else if (packet.is_binary() && c.wants_base64) {
    outputs_.push(output::send_frame{websocket->transport,
                                     frame::text(encode_binary_as_text(packet.bytes()))});
  } else {
    outputs_.push(output::send_frame{websocket->transport, packet});
  }
}

void server::close(connection_id which) {
  if (connection* c = find(which)) close(*c, close_reason::forced_close);
}

void server::close(connection& c, close_reason reason, std::optional<close_code> code) {
  if (!c.machine.is_open()) return;
  closed_in_step_.push_back(c.id);
  if (reason == close_reason::parse_error || reason == close_reason::transport_error) {
    report_error(c, to_string(reason));
  }

  clear_deadline(c, deadline_kind::heartbeat);
  if (c.machine.is_upgrading()) fail_upgrade(c, close_code::no_status);
  must(c.machine.close(reason));
  if (c.polling && c.polling->post) drop_post(c);
  if (const auto websocket = c.machine.websocket()) {
    by_transport_.erase(*websocket);
    if (code) close_transport(*websocket, *code);
    --on_websocket_;
  }
}

void server::close_transport(transport_id transport, close_code code) {
  outputs_.push(output::close_transport{transport, code});
}

void server::settle(instant_ms now) {
  // A connection that moves away may let others go on that have waited for it.
  do {
    settle_once(now);
  } while (!closed_in_step_.empty() || !polls_to_flush_.empty() || !moving_in_step_.empty());
}

void server::settle_once(instant_ms now) {
  // The application may close further connections; they are added to the end of the list.
  for (std::size_t i = 0; i < closed_in_step_.size(); ++i) {
    connection& c = *find(closed_in_step_[i]);
    application_->closed(now, c.id, c.machine.reason());
    const bool is_told = c.machine.websocket() || !c.polling || send_close(c);
    if (is_told || !is_ordered(c.machine.reason())) {
      forget(c);
    } else {
      const instant_ms until = now + options_.close_timeout_ms;
      must(c.machine.linger(until));
      deadlines_.set(until, {c.id, deadline_kind::linger});
    }
  }
  closed_in_step_.clear();

  for (const connection_id id : polls_to_flush_) {
    connection* c = find(id);
    if (c != nullptr && c->machine.is_open()) flush_poll(*c);
  }
  polls_to_flush_.clear();

  const auto moving = std::exchange(moving_in_step_, {});
  for (const auto& [id, to] : moving) {
    connection* c = find(id);
    if (c != nullptr && c->machine.is_open()) detach(now, *c, to);
  }
}

void server::forget(connection& c) {
  if (c.polling) take_outbox(c);
  clear_deadline(c, deadline_kind::linger);
  must(c.machine.forget());
  notify_visited_shards(c);
  by_sid_.erase(c.sid);
  connections_.erase(c.id);
}

void server::handle(instant_ms, const input::drain_requested&) {
  is_draining_ = true;
}

void server::handle(instant_ms, const input::shutdown_requested&) {
  is_draining_ = true;
  is_shutting_down_ = true;
  std::vector<connection_id> ids;
  for (const auto& [id, c] : connections_) ids.push_back(id);
  heap_sort(ids);
  for (const connection_id id : ids) close(*find(id), close_reason::server_shutdown);
}

// Looking things up.

connection* server::find(connection_id id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

connection* server::find_transport(transport_id transport) const {
  const auto found = by_transport_.find(transport);
  return found == by_transport_.end() ? nullptr : found->second;
}

connection* server::find_request(request_id request) const {
  const auto found = by_request_.find(request);
  return found == by_request_.end() ? nullptr : found->second;
}

std::string_view server::remote_address_of(connection_id which) const {
  const connection* c = find(which);
  return c == nullptr ? std::string_view() : std::string_view(c->remote_address);
}

void server::report_error(const connection& c, std::string_view what) {
  notice line{};
  line.what = notice::kind::protocol_error;
  line.reason = what;
  line.address = c.remote_address;
  outputs_.report(std::move(line));
}

void server::measure(std::vector<measurement>& into) const {
  const auto all = static_cast<std::uint64_t>(connections_.size());
  into.push_back({"connections_polling", "Engine.IO connections on HTTP long-polling",
                  all - on_websocket_, false});
  into.push_back(
      {"connections_websocket", "Engine.IO connections on a WebSocket", on_websocket_, false});
  into.push_back({"handshakes_total", "Engine.IO connections opened", handshakes_, true});
  into.push_back(
      {"upgrades_total", "Connections that moved from polling to a WebSocket", upgrades_, true});
  into.push_back(
      {"requests_refused_total", "Engine.IO requests answered with an error", refusals_, true});
  into.push_back({"polling_queued_bytes", "Bytes that wait for clients on HTTP long-polling",
                  static_cast<std::uint64_t>(queued_bytes_), false});
  into.push_back({"polling_deferred_bytes", "Bytes of POSTs that wait for their turn",
                  static_cast<std::uint64_t>(deferred_bytes_), false});
  if (here_.count > 1) {
    into.push_back({"connections_moved_total", "Connections that moved to another event loop",
                    migrations_, true});
    into.push_back({"connections_remembered",
                    "Connections whose way from loop to loop is remembered",
                    static_cast<std::uint64_t>(forwarding_table_.size()), false});
  }
  limited_.measure(into);
}

}  // namespace downbeat::engineio
