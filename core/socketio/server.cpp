#include "socketio/server.hpp"

#include "json/text.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace downbeat::socketio {
namespace {

const std::vector<frame> no_attachments;

/// The name of an event whose packet has been parsed; a number's is its text.
std::string_view event_name(std::string_view json, std::string& scratch) {
  const std::string_view name = *json::item_reader(json).next();
  if (json::kind_of(name) != json::kind::string) return name;
  return json::read_string(name, scratch).value_or(std::string_view());
}

/// Whether every placeholder names an attachment that is there.
bool has_proper_placeholders(std::string_view json, std::size_t attachments) {
  const auto placeholders = find_placeholders(json);
  return placeholders && std::all_of(placeholders->begin(), placeholders->end(),
                                     [&](const placeholder& p) { return p.num < attachments; });
}

}  // namespace

connect_error invalid_namespace() {
  return {"Invalid namespace", {}};
}

server::server(const options& options, transport& transport, shard here)
    : options_(options), transport_(transport), here_(here) {}

server::~server() = default;

// Facts of the transport.

void server::opened(instant_ms now, client_id id, std::string_view query,
                    std::string_view remote_address, const entropy& fresh) {
  auto made = std::make_unique<client>();
  client& c = *made;
  c.id = id;
  c.query = query;
  c.remote_address = remote_address;
  c.fresh = fresh;
  c.connect_deadline = now + options_.connect_timeout_ms;
  deadlines_.set(*c.connect_deadline, id);
  clients_.emplace(id, std::move(made));
}

void server::received(instant_ms now, client_id id, bool is_binary, std::string_view data) {
  client& c = *clients_.at_key(id);
  if (c.given == attention::heard) return deliver(now, c, is_binary, data);
  if (c.given == attention::held) keep(c, is_binary, data);
}

void server::deliver(instant_ms now, client& c, bool is_binary, std::string_view data) {
  if (is_binary) {
    on_binary(now, c, data);
  } else {
    on_text(now, c, data);
  }
}

void server::closed(client_id id, std::string_view reason) {
  const auto found = clients_.find(id);
  client& c = *found->second;
  if (c.connect_deadline) deadlines_.cancel(*c.connect_deadline, id);
  if (c.given == attention::held) held_.erase(id);
  while (!c.sockets.empty()) remove(c, *c.sockets.front(), reason);
  clients_.erase(id);
}

void server::deadline_reached(instant_ms now) {
  while (const auto id = deadlines_.take_due(now)) {
    client& c = *clients_.at_key(*id);
    c.connect_deadline.reset();
    limited_.count("connect_time");
    reject(c, "connect timeout");
  }
}

// Packets.

void server::on_text(instant_ms now, client& c, std::string_view text) {
  if (c.partial) return reject(c, "text where an attachment was due");
  std::string scratch;
  const auto parsed = parse(text, static_cast<std::size_t>(options_.max_attachments), scratch);
  if (const auto* error = std::get_if<parse_error>(&parsed)) {
    if (error->what == too_many_attachments) limited_.count("attachments");
    return reject(c, error->what);
  }
  const packet& p = std::get<packet>(parsed);
  if (p.attachments == 0) return on_packet(now, c, p, no_attachments);
  if (!has_proper_placeholders(p.json, p.attachments)) return reject(c, "illegal attachments");
  c.partial = std::make_unique<partial_packet>();
  c.partial->text = text;
  c.partial->expected = p.attachments;
}

void server::on_binary(instant_ms now, client& c, std::string_view data) {
  if (!c.partial) return reject(c, "an attachment where none was due");
  c.partial->attachments.push_back(frame::binary(std::string(data)));
  if (c.partial->attachments.size() < c.partial->expected) return;
  // The text was found good when it came; it is read again rather than kept in pieces.
  const auto whole = std::move(c.partial);
  std::string scratch;
  const auto parsed =
      parse(whole->text, static_cast<std::size_t>(options_.max_attachments), scratch);
  on_packet(now, c, std::get<packet>(parsed), whole->attachments);
}

void server::on_packet(instant_ms now, client& c, const packet& p,
                       const std::vector<frame>& attachments) {
  if (p.type == packet_type::connect) return on_connect(c, p);
  socket* const s = socket_in(c, p.nsp);
  if (s == nullptr) return reject(c, "packet for a namespace that was not joined");
  switch (p.type) {
    case packet_type::disconnect: return remove(c, *s, "client namespace disconnect");
    case packet_type::event:
    case packet_type::binary_event: {
      std::string scratch;
      const std::string_view name = event_name(p.json, scratch);
      return application_->received(now, *s, {name, p.json, p.depth, attachments, p.id});
    }
    case packet_type::ack:
    case packet_type::binary_ack:
      if (s->outstanding_acks.erase(*p.id) == 0) return;
      return application_->acknowledged(*s, *p.id,
                                        {{}, p.json, p.depth, attachments, std::nullopt});
    case packet_type::connect:
    case packet_type::connect_error: return;
  }
}

void server::on_connect(client& c, const packet& p) {
  if (socket_in(c, p.nsp) != nullptr) return reject(c, "second CONNECT to a namespace");

  const socket_number number = here_.number(++connects_);
  std::uint64_t seed = number;
  for (std::size_t i = 24; i < c.fresh.size(); ++i) seed = seed * 257 + c.fresh[i];
  const connect_request request{p.nsp, p.json.empty() ? "{}" : p.json, c.query, c.remote_address,
                                seed};
  if (const auto error = application_->admit(request)) {
    std::string json = "{\"message\":" + json::quote(error->message);
    if (!error->data.empty()) json += ",\"data\":" + error->data;
    json += '}';
    transport_.send(c.id, frame_of({packet_type::connect_error, p.nsp, std::nullopt, json, 0}));
    return;
  }

  if (c.connect_deadline) deadlines_.cancel(*c.connect_deadline, c.id);
  c.connect_deadline.reset();
  c.sockets.push_back(std::make_unique<socket>());
  socket& s = *c.sockets.back();
  s.number = number;
  s.client = c.id;
  s.nsp = p.nsp;
  s.id = make_id(c, number);
  sockets_.emplace(number, &s);
  namespaces_[s.nsp].add(s);

  const std::string json = "{\"sid\":\"" + s.id + "\"}";
  transport_.send(c.id, frame_of({packet_type::connect, s.nsp, std::nullopt, json, 0}));
  application_->connected(s, request);
}

std::string server::make_id(const client& c, socket_number number) const {
  std::string bytes(c.fresh.begin() + 12, c.fresh.begin() + 24);
  for (const int shift : {16, 8, 0}) bytes += static_cast<char>((number >> shift) & 0xff);
  return base64::encode_url(bytes);
}

void server::reject(client& c, std::string_view what) {
  c.given = attention::none;
  held_.erase(c.id);
  transport_.reject(c.id, what);
}

void server::remove(client& c, socket& s, std::string_view reason) {
  const auto at = std::find_if(c.sockets.begin(), c.sockets.end(),
                               [&](const auto& owned) { return owned.get() == &s; });
  const std::unique_ptr<socket> gone = std::move(*at);
  c.sockets.erase(at);
  sockets_.erase(s.number);
  const auto nsp = namespaces_.find(s.nsp);
  nsp->second.remove(s);
  if (nsp->second.is_empty()) namespaces_.erase(nsp);
  application_->disconnected(*gone, reason);
}

// Commands of the application.

void server::emit(const socket& to, const payload& event) {
  send(to, encode_event(to.nsp, std::nullopt, event), event.attachments);
}

std::uint64_t server::emit_with_ack(const socket& to, const payload& event) {
  socket& s = *sockets_.at_key(to.number);
  const std::uint64_t id = s.next_ack_id++;
  const auto limit = static_cast<std::uint64_t>(options_.max_outstanding_acks);
  if (limit != 0 && s.outstanding_acks.size() >= limit) {
    limited_.count("outstanding_acks");
    reject(*clients_.find(s.client)->second, "too many acknowledgements outstanding");
    return id;
  }
  s.outstanding_acks.insert(id);
  send(s, encode_event(s.nsp, id, event), event.attachments);
  return id;
}

void server::acknowledge(const socket& to, std::uint64_t ack_id, const payload& answer) {
  const auto type = answer.attachments.empty() ? packet_type::ack : packet_type::binary_ack;
  const packet p{type, to.nsp, ack_id, answer.json, answer.attachments.size()};
  send(to, frame_of(p), answer.attachments);
}

void server::broadcast(const target& to, const payload& event) {
  adapter* const members = adapter_of(to.nsp);
  if (members == nullptr) return;
  const std::vector<socket*> recipients = members->recipients(to.rooms, to.except);
  if (recipients.empty()) return;
  send_to_all(recipients, nullptr, encode_event(to.nsp, std::nullopt, event), event.attachments);
}

void server::relay(const socket& from, const room& in, const payload& event) {
  if (in.members.size() < 2) return;
  send_to_all(in.members, &from, encode_event(from.nsp, std::nullopt, event), event.attachments);
}

void server::relay(const socket& from, const room& in, std::span<const std::string_view> json) {
  if (in.members.size() < 2) return;
  const packet event{packet_type::event, from.nsp, std::nullopt, {}, 0};
  send_to_all(in.members, &from, frame::text(encode(event, json, transport_.prefix())),
              no_attachments);
}

void server::send_to_all(const std::vector<socket*>& recipients, const socket* except,
                         const frame& text, const std::vector<frame>& attachments) {
  for (const socket* s : recipients) {
    if (s != except) send(*s, text, attachments);
  }
}

frame server::encode_event(std::string_view nsp, std::optional<std::uint64_t> id,
                           const payload& event) const {
  std::string scratch;
  assert(!is_reserved_event(event_name(event.json, scratch)));
  const auto type = event.attachments.empty() ? packet_type::event : packet_type::binary_event;
  return frame_of({type, nsp, id, event.json, event.attachments.size()});
}

frame server::frame_of(const packet& p) const {
  return frame::text(encode(p, transport_.prefix()));
}

void server::send(const socket& to, const frame& text, const std::vector<frame>& attachments) {
  transport_.send(to.client, text);
  for (const frame& attachment : attachments) transport_.send(to.client, attachment);
}

void server::join(const socket& who, std::string_view room_name) {
  socket& s = *sockets_.at_key(who.number);
  adapter_of(s.nsp)->join(s, room_name);
}

void server::leave(const socket& who, std::string_view room_name) {
  socket& s = *sockets_.at_key(who.number);
  adapter_of(s.nsp)->leave(s, room_name);
}

void server::disconnect(const socket& who, bool close_transport) {
  client& c = *clients_.at_key(who.client);
  if (!close_transport) return expel(c, *sockets_.at_key(who.number));
  // A client that is told in only one of its namespaces takes the close for an accident, and comes
  // back in the others.
  while (!c.sockets.empty()) expel(c, *c.sockets.front());
  c.given = attention::none;
  held_.erase(c.id);
  transport_.close(c.id);
}

void server::expel(client& c, socket& s) {
  transport_.send(c.id, frame_of({packet_type::disconnect, s.nsp, std::nullopt, {}, 0}));
  remove(c, s, "server namespace disconnect");
}

// Looking things up.

const socket* server::find(std::string_view nsp, std::string_view id) const {
  const auto found = namespaces_.find(nsp);
  return found == namespaces_.end() ? nullptr : found->second.find(id);
}

const socket* server::find(socket_number number) const {
  const auto found = sockets_.find(number);
  return found == sockets_.end() ? nullptr : found->second;
}

socket* server::socket_in(const client& c, std::string_view nsp) {
  for (const auto& s : c.sockets) {
    if (s->nsp == nsp) return s.get();
  }
  return nullptr;
}

adapter* server::adapter_of(std::string_view nsp) {
  const auto found = namespaces_.find(nsp);
  return found == namespaces_.end() ? nullptr : &found->second;
}

void server::measure(std::vector<measurement>& into) const {
  into.push_back({"sockets", "Socket.IO sockets, one for each client in each namespace",
                  static_cast<std::uint64_t>(sockets_.size()), false});
  std::uint64_t rooms = 0;
  for (const auto& [name, members] : namespaces_) rooms += members.room_count();
  into.push_back({"rooms", "Socket.IO rooms that have members", rooms, false});
  into.push_back(
      {"socket_connects_total", "Socket.IO sockets connected or refused", connects_, true});
  limited_.measure(into);
}

}  // namespace downbeat::socketio
