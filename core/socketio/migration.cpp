// Migrating clients between shards, and holding the messages that they send meanwhile.

#include "json/object_reader.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "socketio/server.hpp"
#include "text/base64.hpp"
#include "text/hex.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace downbeat::socketio {
namespace {

/// Later than all times in traces and all deadlines computed from them.
constexpr instant_ms latest = instant_ms{1} << 43;

constexpr std::int64_t most_expected = 1'000'000;
constexpr std::int64_t most_tokens = 0xffffffff;

template <class Bytes>
std::string write_bytes(const Bytes& drawn) {
  return hex::encode({reinterpret_cast<const char*>(drawn.data()), drawn.size()});
}

template <class Bytes>
bool read_drawn(std::string_view digits, Bytes& into) {
  const auto bytes = hex::decode(digits);
  if (!bytes || bytes->size() != into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::uint8_t>((*bytes)[i]);
  return true;
}

std::string write_partial(const partial_packet& partial) {
  json::array_writer attachments;
  for (const frame& one : partial.attachments) {
    attachments.raw(json::quote(base64::encode(one.bytes())));
  }
  return json::object_writer()
      .text("text", partial.text)
      .number("expected", static_cast<std::int64_t>(partial.expected))
      .raw("attachments", attachments.done())
      .number("until", partial.deadline)
      .done();
}

std::unique_ptr<partial_packet> read_partial(std::string_view text) {
  auto partial = std::make_unique<partial_packet>();
  json::object_reader from(text);
  partial->text = from.text("text");
  partial->bytes = static_cast<std::int64_t>(partial->text.size());
  partial->expected = static_cast<std::size_t>(from.number("expected", 1, most_expected));
  for (const std::string_view item : from.items("attachments")) {
    const auto literal =
        json::kind_of(item) == json::kind::string ? json::decode_string(item) : std::nullopt;
    auto bytes = literal ? base64::decode(*literal) : std::nullopt;
    if (!bytes) return nullptr;
    partial->bytes += static_cast<std::int64_t>(bytes->size());
    partial->attachments.push_back(frame::binary(std::move(*bytes)));
  }
  partial->deadline = from.optional_number("until", 0, latest);
  if (!from.is_good() || partial->attachments.size() >= partial->expected) return nullptr;
  // The text was checked when it came; only its form is checked again.
  std::string scratch;
  const auto parsed = parse(partial->text, partial->expected, scratch);
  const auto* const p = std::get_if<packet>(&parsed);
  if (p == nullptr || p->attachments != partial->expected) return nullptr;
  return has_proper_placeholders(p->json, static_cast<std::size_t>(p->attachments))
             ? std::move(partial)
             : nullptr;
}

}  // namespace

struct server::migrated_client final : migrated_state {
  std::unique_ptr<client> core;
  message_buffer paused;
  std::vector<std::unique_ptr<migrated_state>> sockets;  ///< the application's, in the same order

  [[nodiscard]] std::string write() const override;
};

std::string server::migrated_client::write() const {
  const client& c = *core;
  json::array_writer all;
  for (std::size_t i = 0; i < c.sockets.size(); ++i) {
    const socket& s = *c.sockets[i];
    json::array_writer acks;
    for (const std::uint64_t id : s.outstanding_acks) acks.raw(std::to_string(id));
    json::object_writer one;
    one.id("number", s.number)
        .text("namespace", s.nsp)
        .id("nextAckId", s.next_ack_id)
        .raw("outstandingAcks", acks.done())
        .raw("application", sockets[i] ? sockets[i]->write() : "null");
    if (s.pid_hash) one.text("pid", write_bytes(*s.pid_hash)).number("pidShard", s.pid_shard);
    // Its id may be of another connection, from which this one has recovered it.
    if (s.pid_hash) one.text("id", s.id);
    all.raw(one.done());
  }
  json::array_writer messages;
  for (const buffered_message& one : paused.queue) {
    messages.raw(
        json::object_writer().flag("binary", one.is_binary).bytes("data", one.data).done());
  }
  json::object_writer json;
  json.bytes("query", c.query)
      .bytes("address", c.remote_address)
      .text("entropy", write_bytes(c.id_entropy))
      .text("seedEntropy", write_bytes(c.seed_entropy))
      .flag("paused", c.messages == delivery::paused)
      .raw("messages", messages.done())
      .number("connects", c.connects.tat_ns())
      .number("connectUntil", c.connect_deadline)
      .raw("sockets", all.done());
  if (c.partial) json.raw("partial", write_partial(*c.partial));
  if (c.memory) json.raw("memory", c.memory->write());
  if (c.recovery) {
    json.text("pidEntropy", write_bytes(c.recovery->pid_entropy))
        .number("openedAt", c.recovery->opened_at)
        .flag("hasMoved", c.recovery->has_moved)
        .number("moves", c.recovery->moves);
    if (c.recovery->is_by_token) json.flag("byToken", true);
    if (c.recovery->tokens != 0) json.number("tokens", c.recovery->tokens);
    if (c.recovery->hold_until) json.number("holdUntil", c.recovery->hold_until);
  }
  return json.done();
}

std::unique_ptr<migrated_state> server::read_migrated(client_id id, std::string_view text) const {
  auto read = std::make_unique<migrated_client>();
  read->core = std::make_unique<client>();
  client& c = *read->core;
  json::object_reader from(text);
  c.id = id;
  c.query = from.text("query");
  c.remote_address = from.text("address");
  // No longer than of one who has connected here.
  const std::int64_t most_query_bytes = options_.keeps_query ? max_query_bytes : 0;
  if (static_cast<std::int64_t>(c.query.size()) > most_query_bytes ||
      static_cast<std::int64_t>(c.remote_address.size()) > max_address_bytes) {
    return nullptr;
  }
  if (!read_drawn(from.text("entropy"), c.id_entropy) ||
      !read_drawn(from.text("seedEntropy"), c.seed_entropy)) {
    return nullptr;
  }
  c.messages = from.flag("paused") ? delivery::paused : delivery::open;
  for (const std::string_view item : from.items("messages")) {
    json::object_reader message(item);
    const bool is_binary = message.flag("binary");
    std::string data = message.text("data");
    if (!message.is_good() || c.messages != delivery::paused) return nullptr;
    read->paused.bytes += bytes_of_buffered(data);
    read->paused.queue.push_back({is_binary, std::move(data)});
  }
  c.connects = rate_limiter::from_ns(from.number("connects", 0, rate_limiter::most_ns));
  c.connect_deadline = from.optional_number("connectUntil", 0, latest);
  if (from.has("partial")) {
    c.partial = read_partial(from.raw("partial"));
    if (!c.partial) return nullptr;
  }
  if (from.has("memory")) {
    c.memory = application_->read_memory(from.raw("memory"));
    if (!c.memory) return nullptr;
  }
  if (options_.recovers) {
    c.recovery = std::make_unique<recovery_state>();
    if (!read_drawn(from.text("pidEntropy"), c.recovery->pid_entropy)) return nullptr;
    c.recovery->opened_at = from.number("openedAt", 0, latest);
    c.recovery->has_moved = from.flag("hasMoved");
    c.recovery->moves = static_cast<std::uint8_t>(from.number("moves", 0, most_moves));
    c.recovery->is_by_token = from.has("byToken") && from.flag("byToken");
    c.recovery->tokens =
        static_cast<std::uint32_t>(from.optional_number("tokens", 1, most_tokens).value_or(0));
    c.recovery->hold_until = from.optional_number("holdUntil", 0, latest);
    if (c.recovery->has_moved && read->paused.queue.empty()) return nullptr;
  }
  for (const std::string_view item : from.items("sockets")) {
    json::object_reader one(item);
    auto made = std::make_unique<socket>();
    socket& s = *made;
    s.number = one.id("number");
    s.client = id;
    s.nsp = one.text("namespace");
    s.id = make_id(c, s.number);
    if (options_.recovers && one.has("pid")) {
      sha256_digest hash{};
      if (!read_drawn(one.text("pid"), hash) || find_by(hash) != nullptr) return nullptr;
      s.pid_hash = std::make_shared<const sha256_digest>(hash);
      s.pid_shard = static_cast<std::uint32_t>(one.number("pidShard", 0, unknown_shard));
      s.id = one.text("id");
      if (s.id.empty()) return nullptr;
    }
    s.memory = c.memory.get();
    s.next_ack_id = one.id("nextAckId");
    const std::vector<std::string_view> acks = one.items("outstandingAcks");
    const auto most_acks = static_cast<std::uint64_t>(options_.max_outstanding_acks);
    if (most_acks != 0 && acks.size() > most_acks) return nullptr;
    for (const std::string_view ack : acks) {
      const auto ack_id = json::read_id(ack);
      if (!ack_id || *ack_id >= s.next_ack_id) return nullptr;
      s.outstanding_acks.insert(*ack_id);
    }
    if (!one.is_good() || !can_take(c, s)) return nullptr;
    read->sockets.push_back(application_->read_migrated(s, one.raw("application")));
    if (!read->sockets.back()) return nullptr;
    c.sockets.push_back(std::move(made));
  }
  if (!from.is_good() || read->write() != text) return nullptr;
  return read;
}

bool server::can_take(const client& c, const socket& s) const {
  const bool is_to_come = s.number == 0 || ((s.number - 1) % here_.count == here_.index &&
                                            (s.number - 1) / here_.count >= connects_);
  const bool is_of_kept =
      is_kept(s.number) || std::any_of(kept_.begin(), kept_.end(), [&](const auto& one) {
        return one.second.core->id == s.id && one.second.core->nsp == s.nsp;
      });
  return !is_to_come && !is_of_kept && c.memory && !s.nsp.empty() && s.nsp.front() == '/' &&
         sockets_.find(s.number) == sockets_.end() && find(s.nsp, s.id) == nullptr &&
         std::none_of(c.sockets.begin(), c.sockets.end(), [&](const auto& other) {
           return other->number == s.number || other->nsp == s.nsp || other->id == s.id;
         });
}

void server::pause(const socket& who) {
  client& c = *clients_.at_key(who.client);
  if (c.messages == delivery::open) c.messages = delivery::paused;
}

void server::resume(instant_ms now, const socket& who) {
  const socket_number number = who.number;
  resume(now, *clients_.at_key(who.client));
  if (!claims_.empty()) retry_claims(now, number);
}

void server::resume(instant_ms now, client& c) {
  if (c.messages != delivery::paused) return;
  c.messages = delivery::open;
  const auto found = buffers_.find(c.id);
  if (found == buffers_.end()) return;
  message_buffer paused = std::move(found->second);
  buffers_.erase(found);
  while (!paused.queue.empty() && c.messages == delivery::open) {
    const buffered_message next = take_buffered(paused);
    deliver(now, c, next.is_binary, next.data);
  }
  if (paused.queue.empty()) return;
  if (c.messages == delivery::paused) {
    // One of the messages made the application hold the client again, or is a CONNECT that waits
    // and comes first.
    message_buffer& held = buffers_[c.id];
    held.bytes += paused.bytes;
    for (buffered_message& one : paused.queue) held.queue.push_back(std::move(one));
  } else {
    buffered_bytes_ -= paused.bytes;
  }
}

std::unique_ptr<migrated_state> server::detach(instant_ms now, client_id id) {
  const auto found = clients_.find(id);
  auto state = std::make_unique<migrated_client>();
  state->core = std::move(found->second);
  clients_.erase(id);
  client& c = *state->core;
  if (c.connect_deadline) deadlines_.cancel(*c.connect_deadline, {id, deadline_kind::connect});
  drop_claim(c);
  if (c.partial && c.partial->deadline) {
    deadlines_.cancel(*c.partial->deadline, {id, deadline_kind::attachment});
  }
  buffered_bytes_ -= buffered_bytes(c);
  if (const auto paused = buffers_.find(id); paused != buffers_.end()) {
    state->paused = std::move(paused->second);
    buffers_.erase(paused);
  }
  for (const auto& s : c.sockets) {
    state->sockets.push_back(application_->detach(now, *s));
    if (s->pid_hash) {
      void_secrets(*s);
      s->token_hash.reset();
      s->former_token_hash.reset();
      if (s->pid_shard == here_.index) set_shard_of_pid(*s->pid_hash, c.recovery->moving_to);
    }
    sockets_.erase(s->number);
    const auto nsp = namespaces_.find(s->nsp);
    nsp->second.remove(*s);
    if (nsp->second.is_empty()) namespaces_.erase(nsp);
  }
  // Clients that wait for one of the sockets go after it.
  for (std::size_t i = 0; !claims_.empty() && i < c.sockets.size(); ++i) {
    retry_claims(now, c.sockets[i]->number);
  }
  return state;
}

void server::attach(instant_ms now, client_id id, std::unique_ptr<migrated_state> state) {
  auto& moved = static_cast<migrated_client&>(*state);
  client& c = *moved.core;
  if (c.recovery) make_pid_key(c);
  clients_.emplace(id, std::move(moved.core));
  if (c.connect_deadline) deadlines_.set(*c.connect_deadline, {id, deadline_kind::connect});
  if (c.partial && c.partial->deadline) {
    deadlines_.set(*c.partial->deadline, {id, deadline_kind::attachment});
  }
  if (!moved.paused.queue.empty()) buffers_.emplace(id, std::move(moved.paused));
  buffered_bytes_ += buffered_bytes(c);
  std::vector<socket_number> numbers;
  for (const auto& s : c.sockets) {
    numbers.push_back(s->number);
    sockets_.emplace(s->number, s.get());
    namespaces_[s->nsp].add(*s);
    if (!s->pid_hash) continue;
    take_pid(*s);
  }
  // The application may disconnect any of the sockets here.
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (const socket* s = find(numbers[i])) {
      application_->attach(now, *s, std::move(moved.sockets[i]));
    }
  }
  // The limits may differ on this shard, and it may have more buffered bytes already.
  if (c.partial && !is_partial_within_limit(c)) return;
  if (!is_buffer_within_limit(c)) return;
  if (c.recovery && c.recovery->has_moved) resume(now, c);
}

}  // namespace downbeat::socketio
