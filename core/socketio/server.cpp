#include "socketio/server.hpp"

#include "json/text.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace downbeat::socketio {
namespace {

const std::vector<frame> no_attachments;

}  // namespace

connect_error invalid_namespace() {
  return {"Invalid namespace", {}};
}

server::server(const options& options, transport& transport, shard here)
    : options_(options), transport_(transport), here_(here) {}

server::~server() = default;

std::uint64_t server::seed_for(const client& c, socket_number number) {
  std::uint64_t seed = number;
  for (const std::uint8_t byte : c.seed_entropy) seed = seed * 257 + byte;
  return seed;
}

// Calls from the transport.

void server::opened(instant_ms now, client_id id, std::string_view query,
                    std::string_view remote_address, const entropy& fresh) {
  auto made = std::make_unique<client>();
  client& c = *made;
  c.id = id;
  if (options_.keeps_query) c.query = query.substr(0, max_query_bytes);
  c.remote_address = remote_address.substr(0, max_address_bytes);
  c.id_entropy = entropy_part::socketio_ids::of(fresh);
  c.seed_entropy = entropy_part::seed::of(fresh);
  if (options_.recovers) prepare_recovery(now, c, fresh);
  c.connect_deadline = now + options_.connect_timeout_ms;
  deadlines_.set(*c.connect_deadline, {id, deadline_kind::connect});
  clients_.emplace(id, std::move(made));
}

void server::received(instant_ms now, client_id id, bool is_binary, std::string_view data) {
  client& c = *clients_.at_key(id);
  if (c.messages == delivery::open) return deliver(now, c, is_binary, data);
  if (c.messages == delivery::paused) buffer(c, is_binary, data);
}

void server::deliver(instant_ms now, client& c, bool is_binary, std::string_view data) {
  if (is_binary) {
    on_binary(now, c, data);
  } else {
    on_text(now, c, data);
  }
}

void server::closed(instant_ms now, client_id id, std::string_view reason) {
  const auto found = clients_.find(id);
  client& c = *found->second;
  forget_connect_deadline(c);
  drop_claim(c);
  drop_buffer(c);
  if (!options_.recovers) {
    while (!c.sockets.empty()) remove(now, c, *c.sockets.front(), reason);
    clients_.erase(id);
    return;
  }
  std::vector<socket_number> numbers;
  for (const auto& s : c.sockets) numbers.push_back(s->number);
  while (!c.sockets.empty()) lose(now, c, *c.sockets.front(), reason);
  clients_.erase(id);
  for (const socket_number number : numbers) retry_claims(now, number);
}

void server::deadline_reached(instant_ms now) {
  while (const auto due = deadlines_.take_due(now)) {
    client& c = *clients_.at_key(due->first);
    if (due->second == deadline_kind::connect) {
      c.connect_deadline.reset();
      limited_.count("connect_time");
      reject(c, "connect timeout");
    } else if (due->second == deadline_kind::claim) {
      expire_claim(c);
    } else {
      c.partial->deadline.reset();
      limited_.count("attachment_time");
      reject(c, "attachments did not come in time");
    }
  }
}

// Packets.

void server::on_text(instant_ms now, client& c, std::string_view text) {
  if (c.partial) return reject(c, "text where an attachment was due");
  std::string scratch;
  const auto parsed = parse(text, static_cast<std::uint64_t>(options_.max_attachments), scratch);
  if (const auto* error = std::get_if<parse_error>(&parsed)) {
    if (error->what == too_many_attachments) limited_.count("attachments");
    return reject(c, error->what);
  }
  const auto* const received = std::get_if<packet>(&parsed);
  if (received == nullptr) return;
  const packet& p = *received;
  if (p.attachments == 0) return on_packet(now, c, p, no_attachments);
  const auto attachments = static_cast<std::size_t>(p.attachments);
  if (!has_proper_placeholders(p.json, attachments)) return reject(c, "illegal attachments");
  begin_partial(now, c, text, attachments);
}

void server::on_binary(instant_ms now, client& c, std::string_view data) {
  if (!c.partial) return reject(c, "an attachment where none was due");
  c.partial->attachments.push_back(frame::binary(std::string(data)));
  if (!add_to_partial(c, static_cast<std::int64_t>(data.size()))) return;
  if (c.partial->attachments.size() < c.partial->expected) return;
  // The text was valid when it came, so it is parsed again rather than kept in parts. The limits
  // may have changed, so use the number of attachments from then.
  const auto whole = take_partial(c);
  std::string scratch;
  const auto parsed = parse(whole->text, whole->expected, scratch);
  if (const auto* error = std::get_if<parse_error>(&parsed)) return reject(c, error->what);
  if (const auto* p = std::get_if<packet>(&parsed)) on_packet(now, c, *p, whole->attachments);
}

void server::on_packet(instant_ms now, client& c, const packet& p,
                       const std::vector<frame>& attachments) {
  if (p.type == packet_type::connect) return on_connect(now, c, p);
  socket* const s = socket_in(c, p.nsp);
  if (s == nullptr) return reject(c, "packet for a namespace that was not joined");
  switch (p.type) {
    case packet_type::disconnect: return remove(now, c, *s, "client namespace disconnect");
    case packet_type::event:
    case packet_type::binary_event:
      return application_->received(now, *s,
                                    {p.name, p.arguments, p.json, p.depth, attachments, p.id});
    case packet_type::ack:
    case packet_type::binary_ack:
      if (s->outstanding_acks.erase(*p.id) == 0) return;
      return application_->acknowledged(*s, *p.id,
                                        {{}, {}, p.json, p.depth, attachments, std::nullopt});
    case packet_type::connect:
    case packet_type::connect_error: return;
  }
}

void server::on_connect(instant_ms now, client& c, const packet& p) {
  const std::int64_t a_minute = options_.max_connects_per_minute;
  const bool is_retry = c.recovery && (c.recovery->claim || c.recovery->has_moved);
  if (is_retry) {
    c.recovery->claim.reset();
    c.recovery->has_moved = false;
  }
  if (!is_retry && !c.connects.take(now, {a_minute, 60'000, a_minute})) {
    limited_.count("namespace_connects_per_minute");
    return reject(c, "too many CONNECT packets");
  }
  if (socket_in(c, p.nsp) != nullptr) return reject(c, "second CONNECT to a namespace");

  const shown_secrets shown = options_.recovers ? read_secrets(p.json) : shown_secrets();
  const bool is_anything_shown = shown.pid || shown.token;
  if (is_anything_shown && recover(now, c, p, shown)) return;

  const socket_number number = here_.number(++connects_);
  const connect_request request{p.nsp,
                                p.json.empty() ? "{}" : p.json,
                                c.query,
                                c.remote_address,
                                seed_for(c, number),
                                shown.token ? shown.token->text : std::string_view()};
  if (const auto error = application_->admit(request)) {
    std::string json = "{\"message\":" + json::quote(error->message);
    if (!error->data.empty()) json += ",\"data\":" + error->data;
    json += '}';
    transport_.send(c.id, frame_of({packet_type::connect_error, p.nsp, std::nullopt, json, 0}));
    return;
  }

  forget_connect_deadline(c);
  c.sockets.push_back(std::make_unique<socket>());
  socket& s = *c.sockets.back();
  s.number = number;
  s.client = c.id;
  s.nsp = p.nsp;
  s.id = make_id(c, number);
  if (!c.memory) c.memory = application_->remember(request);
  s.memory = c.memory.get();
  sockets_.emplace(number, &s);
  namespaces_[s.nsp].add(s);

  answer_connect(s, options_.recovers ? draw_pid(c, s) : std::string());
  application_->connected(now, s, request);
  if (!is_anything_shown) return;
  const socket* const made = find(number);
  if (made == nullptr) return;
  unknown_secrets unknown;
  if (shown.pid) unknown.pid_hash = shown.pid->hash;
  if (shown.token) unknown.token_hash = shown.token->hash;
  unknown.is_own_pid = shown.pid && is_own_pid(shown.pid->text);
  application_->not_recovered(now, *made, unknown);
}

void server::answer_connect(const socket& s, std::string_view pid) {
  std::string json = "{\"sid\":\"" + s.id;
  if (!pid.empty()) json.append("\",\"pid\":\"").append(pid);
  json += "\"}";
  transport_.send(s.client, frame_of({packet_type::connect, s.nsp, std::nullopt, json, 0}));
}

void server::forget_connect_deadline(client& c) {
  if (c.connect_deadline) deadlines_.cancel(*c.connect_deadline, {c.id, deadline_kind::connect});
  c.connect_deadline.reset();
}

std::string server::make_id(const client& c, socket_number number) const {
  std::string bytes(c.id_entropy.begin(), c.id_entropy.end());
  for (const int shift : {16, 8, 0}) bytes += static_cast<char>((number >> shift) & 0xff);
  return base64::encode_url(bytes);
}

void server::reject(client& c, std::string_view what) {
  c.messages = delivery::closed;
  drop_claim(c);
  drop_buffer(c);
  transport_.reject(c.id, what);
}

void server::remove(instant_ms now, client& c, socket& s, std::string_view reason) {
  const std::unique_ptr<socket> gone = take_out(c, s);
  void_secrets(*gone);
  application_->disconnected(now, *gone, reason);
  announce(*gone, false);
  if (!claims_.empty()) retry_claims(now, gone->number);
}

std::unique_ptr<socket> server::take_out(client& c, socket& s) {
  const auto at = std::find_if(c.sockets.begin(), c.sockets.end(),
                               [&](const auto& owned) { return owned.get() == &s; });
  std::unique_ptr<socket> taken = std::move(*at);
  c.sockets.erase(at);
  sockets_.erase(s.number);
  const auto nsp = namespaces_.find(s.nsp);
  nsp->second.remove(s);
  if (nsp->second.is_empty()) namespaces_.erase(nsp);
  return taken;
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

void server::broadcast(const target& to, const payload& event, const frame* with_offset) {
  adapter* const members = adapter_of(to.nsp);
  if (members == nullptr) return;
  const std::vector<socket*> recipients = members->recipients(to.rooms, to.except);
  if (recipients.empty()) return;
  const frame text = encode_event(to.nsp, std::nullopt, event);
  for (const socket* s : recipients) {
    const bool is_with_offset = with_offset != nullptr && s->wants_offsets;
    send(*s, is_with_offset ? *with_offset : text, event.attachments);
  }
}

void server::want_offsets(const socket& who, bool is_wanted) {
  sockets_.at_key(who.number)->wants_offsets = is_wanted;
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
  assert(is_event(event.json));
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

void server::disconnect(instant_ms now, const socket& who, bool close_transport) {
  client& c = *clients_.at_key(who.client);
  if (!close_transport) return expel(now, c, *sockets_.at_key(who.number));
  // Disconnect all namespaces. Otherwise the client takes the close for an error in the others and
  // reconnects there.
  while (!c.sockets.empty()) expel(now, c, *c.sockets.front());
  c.messages = delivery::closed;
  drop_buffer(c);
  transport_.close(c.id);
}

void server::expel(instant_ms now, client& c, socket& s) {
  transport_.send(c.id, frame_of({packet_type::disconnect, s.nsp, std::nullopt, {}, 0}));
  remove(now, c, s, disconnected_by_server);
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
  into.push_back({"buffered_bytes",
                  "Bytes of packets that are not complete, or may not be handled yet",
                  static_cast<std::uint64_t>(buffered_bytes_), false});
  into.push_back(
      {"socket_connects_total", "Socket.IO sockets connected or refused", connects_, true});
  limited_.measure(into);
}

}  // namespace downbeat::socketio
