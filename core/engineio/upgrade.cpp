// How a WebSocket takes over from polling:
//
//     stage     what arrives on the WebSocket    then
//     opened    "2probe"                         answer "3probe"; probed
//     probed    "2probe"                         answer "3probe"
//     probed    "5"                              the WebSocket is the transport
//     any       anything else, its loss, or      only the WebSocket is closed, polling goes on
//               the upgrade's time-out
//
// The client ends its polling before it sends "5", and for that waits for the pending GET. While
// probed, a pending GET is therefore released with a noop at intervals.

#include "engineio/server.hpp"

namespace downbeat::engineio {

void server::begin_upgrade(instant_ms now, connection& c, transport_id transport,
                           const query_parameters& query) {
  if (c.state != life::open || c.websocket || c.upgrade != upgrade_stage::none) {
    return close_transport(transport, close_code::no_status);
  }
  c.upgrade = upgrade_stage::opened;
  c.upgrade_transport = transport;
  // A client may have asked for base64 on polling alone, because its requests cannot do better.
  c.wants_base64 = value_of(query, "b64") == "1";
  by_transport_.emplace(transport, &c);
  set_deadline(c, deadline_kind::upgrade, now + options_.upgrade_timeout_ms);
}

void server::on_upgrade_frame(instant_ms now, connection& c, const input::frame_received& fact) {
  if (fact.is_binary) return fail_upgrade(c, close_code::no_status);
  if (fact.data == "2probe") {
    outputs_.push(output::send_frame{c.upgrade_transport, frame::text("3probe")});
    if (c.upgrade == upgrade_stage::opened) {
      c.upgrade = upgrade_stage::probed;
      set_deadline(c, deadline_kind::upgrade_flush, now + upgrade_flush_interval_ms);
    }
    return;
  }
  if (fact.data == "5" && c.upgrade == upgrade_stage::probed) return finish_upgrade(c);
  fail_upgrade(c, close_code::no_status);
}

void server::finish_upgrade(connection& c) {
  c.websocket = c.upgrade_transport;
  ++on_websocket_;
  ++upgrades_;
  end_upgrade(c);
  if (c.polling->poll) answer_poll(c, encode_packet(packet_type::noop).bytes());
  const std::vector<frame> outbox = take_outbox(c);
  for (const frame& packet : outbox) transmit(c, packet);
  // The body of a POST may still be on its way; its packets count.
  if (!c.polling->post) c.polling.reset();
}

void server::end_upgrade(connection& c) {
  c.upgrade = upgrade_stage::none;
  clear_deadline(c, deadline_kind::upgrade);
  clear_deadline(c, deadline_kind::upgrade_flush);
}

void server::fail_upgrade(connection& c, close_code code) {
  by_transport_.erase(c.upgrade_transport);
  close_transport(c.upgrade_transport, code);
  end_upgrade(c);
}

}  // namespace downbeat::engineio
