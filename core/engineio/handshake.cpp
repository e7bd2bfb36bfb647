// Opening connections: checking the request, and the open packet.

#include "engineio/server.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <string>

namespace downbeat::engineio {
namespace {

/// Whether a header's value has only characters that RFC 7230 allows.
bool is_header_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

/// A session id of 20 characters: 12 random bytes and the low bytes of a counter. The counter makes
/// the last 16 million ids different even if the host's entropy is bad, and it determines the shard
/// that opened the connection.
std::string make_sid(const entropy& fresh, connection_id id, const shard& here) {
  const auto drawn = entropy_part::engineio_sid::of(fresh);
  std::string bytes(drawn.begin(), drawn.end());
  const std::uint64_t counter = counter_of_id(id, here);
  for (const int shift : {16, 8, 0}) bytes += static_cast<char>((counter >> shift) & 0xff);
  return base64::encode_url(bytes);
}

}  // namespace

std::optional<refusal> server::verify(const query_parameters& query, const request_head& head,
                                      http_method method, bool is_websocket) const {
  const std::string_view transport = value_of(query, "transport");
  if (transport != "polling" && transport != "websocket") return refusal::transport_unknown;
  if (!is_header_text(head.origin)) return refusal::bad_request;

  const std::string_view sid = value_of(query, "sid");
  if (!sid.empty()) {
    const auto found = by_sid_.find(sid);
    if (found == by_sid_.end()) return refusal::session_id_unknown;
    const bool is_on_websocket = found->second->machine.websocket().has_value();
    if (!is_websocket && is_on_websocket != (transport == "websocket")) return refusal::bad_request;
    if (value_of(query, "EIO") != "4") return refusal::bad_request;
    if (!is_websocket && is_on_websocket) return refusal::bad_request;
    return std::nullopt;
  }
  if (method != http_method::get) return refusal::bad_handshake_method;
  if (transport == "websocket" && !is_websocket) return refusal::bad_request;
  if (is_draining_) return refusal::shutting_down;
  // On a WebSocket an unsupported version is refused after the WebSocket handshake, so that the
  // client sees a closed connection.
  if (!is_websocket && value_of(query, "EIO") != "4") return refusal::unsupported_protocol_version;
  return std::nullopt;
}

void server::handle(instant_ms, const input::nodes_changed& input) {
  const auto nodes = read_nodes(input.json);
  if (!nodes || nodes->all.empty()) return;
  sid_prefix_ = nodes->all.at(nodes->self) + '_';
}

connection& server::open(instant_ms now, const request_head& head, const entropy& fresh) {
  auto made = std::make_unique<connection>();
  connection& c = *made;
  c.id = here_.number(++handshakes_);
  c.sid = sid_prefix_ + make_sid(fresh, c.id, here_);
  c.remote_address = head.remote_address.substr(0, max_address_bytes);
  connections_.emplace(c.id, std::move(made));
  by_sid_.emplace(c.sid, &c);
  rest_until_ping(now, c);
  return c;
}

frame server::open_packet(const connection& c) const {
  std::string json = "{\"sid\":\"" + c.sid + "\",\"upgrades\":[";
  if (!c.machine.websocket()) json += "\"websocket\"";
  json += "],\"pingInterval\":" + std::to_string(options_.ping_interval_ms);
  json += ",\"pingTimeout\":" + std::to_string(options_.ping_timeout_ms);
  json += ",\"maxPayload\":" + std::to_string(options_.max_payload_bytes) + "}";
  return encode_packet(packet_type::open, json);
}

void server::handle(instant_ms now, const input::websocket_requested& input) {
  const query_parameters query = parse_query(input.head.query);
  if (const auto to = elsewhere(query, input.head)) {
    outputs_.push(output::forward_websocket{input.transport, *to});
    return;
  }
  if (const auto why = verify(query, input.head, http_method::get, true)) {
    ++refusals_;
    outputs_.push(output::refuse_websocket{input.transport, http_status_of(*why), "text/html",
                                           std::string(message_of(*why))});
    return;
  }
  outputs_.push(output::accept_websocket{input.transport});

  if (value_of(query, "transport") != "websocket") {
    return close_transport(input.transport, close_code::no_status);
  }
  const std::string_view sid = value_of(query, "sid");
  if (!sid.empty()) {
    return begin_upgrade(now, *by_sid_.find(sid)->second, input.transport, query);
  }
  if (value_of(query, "EIO") != "4") return close_transport(input.transport, close_code::abnormal);

  connection& c = open(now, input.head, input.fresh);
  c.machine = connection_machine(state::websocket{input.transport});
  c.wants_base64 = value_of(query, "b64") == "1";
  ++on_websocket_;
  by_transport_.emplace(input.transport, &c);
  transmit(c, open_packet(c));
  application_->opened(now, c.id, {input.head.query, c.remote_address, input.fresh});
}

void server::handle(instant_ms now, const input::request_received& input) {
  const query_parameters query = parse_query(input.head.query);
  if (const auto to = elsewhere(query, input.head)) {
    outputs_.push(output::forward_request{input.request, *to});
    return;
  }
  if (const auto why = verify(query, input.head, input.method, false)) {
    return refuse(input.request, *why);
  }
  if (const std::string_view sid = value_of(query, "sid"); !sid.empty()) {
    connection& c = *by_sid_.find(sid)->second;
    switch (input.method) {
      case http_method::get: return on_poll(c, input.request);
      case http_method::post: return on_post(c, input.request, input.head.content_type);
      default: return answer(input.request, 500, {}, {});
    }
  }
  connection& c = open(now, input.head, input.fresh);
  c.polling = std::make_unique<polling_state>();
  on_poll(c, input.request);
  transmit(c, open_packet(c));
  application_->opened(now, c.id, {input.head.query, c.remote_address, input.fresh});
}

void server::refuse(request_id request, refusal why) {
  ++refusals_;
  answer(request, http_status_of(why), "application/json", json_of(why));
}

}  // namespace downbeat::engineio
