// How a WebSocket takes over from polling; the states and their transitions are in
// connection_state.hpp. Whatever fails, only the WebSocket is closed, and polling goes on.

#include "engineio/server.hpp"

namespace downbeat::engineio {

void server::begin_upgrade(instant_ms now, connection& c, transport_id transport,
                           const query_parameters& query) {
  const instant_ms until = now + options_.upgrade_timeout_ms;
  // One that is on a WebSocket, is getting one, or is closed wants no other.
  if (!c.machine.begin_upgrade(transport, until)) {
    return close_transport(transport, close_code::no_status);
  }
  deadlines_.set(until, {c.id, deadline_kind::upgrade});
  // Do not keep the wish of polling: a client may need base64 only there.
  c.wants_base64 = value_of(query, "b64") == "1";
  by_transport_.emplace(transport, &c);
}

void server::on_upgrade_frame(instant_ms now, connection& c, const input::frame_received& input) {
  if (input.is_binary) return fail_upgrade(c, close_code::no_status);
  if (input.data == "2probe") {
    outputs_.push(output::send_frame{input.transport, frame::text("3probe")});
    const instant_ms flush_at = now + upgrade_flush_interval_ms;
    // A second probe is answered, too, and changes nothing.
    if (c.machine.answer_probe(flush_at)) {
      deadlines_.set(flush_at, {c.id, deadline_kind::upgrade_flush});
    }
    return;
  }
  if (input.data == "5" && c.machine.state() == connection_state::probed) return finish_upgrade(c);
  fail_upgrade(c, close_code::no_status);
}

void server::finish_upgrade(connection& c) {
  clear_upgrade_deadlines(c);
  must(c.machine.finish_upgrade());
  ++on_websocket_;
  ++upgrades_;
  if (c.polling->poll) answer_poll(c, encode_packet(packet_type::noop).bytes());
  const std::vector<frame> outbox = take_outbox(c);
  for (const frame& packet : outbox) transmit(c, packet);
  // The body of a POST may still be arriving; its packets are handled, too.
  if (!c.polling->post) c.polling.reset();
}

void server::clear_upgrade_deadlines(connection& c) {
  clear_deadline(c, deadline_kind::upgrade);
  clear_deadline(c, deadline_kind::upgrade_flush);
}

void server::end_upgrade(connection& c) {
  clear_upgrade_deadlines(c);
  must(c.machine.abandon_upgrade());
}

void server::fail_upgrade(connection& c, close_code code) {
  const transport_id transport = *c.machine.upgrade_transport();
  by_transport_.erase(transport);
  close_transport(transport, code);
  end_upgrade(c);
}

}  // namespace downbeat::engineio
