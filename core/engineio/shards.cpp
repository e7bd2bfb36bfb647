// A connection on its way from one shard to another, and how requests find it.
//
// A session id tells the shard where the connection was opened. Every shard that a connection has
// left remembers where it went; so a request goes to the first shard, and on from there by the way
// that the connection took. It cannot overtake the connection, since messages between two shards
// keep their order. When the connection is gone, the shards on its trail are told to forget it.

#include "engineio/server.hpp"
#include "text/base64.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace downbeat::engineio {
namespace {

struct packed_connection final : luggage {
  std::unique_ptr<connection> core;
  std::vector<shard_index> trail;
  std::unique_ptr<luggage> application;
};

constexpr std::size_t sid_length = 20;

/// The shard where the connection with this session id was opened, if it is one.
std::optional<shard_index> birthplace(std::string_view sid, shard_index shards) {
  if (sid.size() != sid_length) return std::nullopt;
  std::string counter(sid.substr(sid_length - 4));
  std::replace(counter.begin(), counter.end(), '-', '+');
  std::replace(counter.begin(), counter.end(), '_', '/');
  const auto bytes = base64::decode(counter);
  if (!bytes || bytes->size() != 3) return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : *bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<shard_index>((number + shards - 1) % shards);
}

}  // namespace

std::optional<shard_index> server::elsewhere(const query_parameters& query,
                                             const request_head& head) const {
  if (here_.count == 1) return std::nullopt;
  const std::string_view sid = value_of(query, "sid");
  if (sid.empty() || by_sid_.count(sid) > 0) return std::nullopt;
  if (const auto found = departed_.find(std::string(sid)); found != departed_.end()) {
    return found->second;
  }
  // One that was forwarded has come as far as there is a way.
  if (head.is_forwarded) return std::nullopt;
  const auto opened_at = birthplace(sid, here_.count);
  return opened_at == here_.index ? std::nullopt : opened_at;
}

void server::move(connection_id which, shard_index to) {
  moving_in_step_.emplace_back(which, to);
}

void server::move_out(connection& c, shard_index to) {
  auto packed = std::make_unique<packed_connection>();
  packed->application = application_->pack(c.id);

  auto way = std::make_unique<parcel>();
  if (c.websocket) {
    way->websocket = c.websocket;
    by_transport_.erase(*c.websocket);
    --on_websocket_;
  }
  if (c.upgrade != upgrade_stage::none) {
    way->upgrade_websocket = c.upgrade_transport;
    by_transport_.erase(c.upgrade_transport);
  }
  if (c.polling) {
    way->poll = c.polling->poll;
    way->post = c.polling->post;
    for (const auto& request : {way->poll, way->post}) {
      if (request) by_request_.erase(*request);
    }
    queued_bytes_ -= c.polling->queued_bytes;
    // Shards share nothing, the bytes of a broadcast neither.
    for (frame& waiting : c.polling->outbox) {
      std::string bytes = waiting.bytes();
      waiting =
          waiting.is_binary() ? frame::binary(std::move(bytes)) : frame::text(std::move(bytes));
    }
  }
  // What is due stays written in the connection, and is due over there.
  for (const auto kind :
       {deadline_kind::heartbeat, deadline_kind::upgrade, deadline_kind::upgrade_flush}) {
    if (const auto& at = slot_of(c, kind)) deadlines_.cancel(*at, {c.id, kind});
  }

  if (const auto trail = trails_.find(c.id); trail != trails_.end()) {
    packed->trail = std::move(trail->second);
    trails_.erase(trail);
  }
  packed->trail.push_back(here_.index);
  departed_[c.sid] = to;
  ++departures_;

  by_sid_.erase(c.sid);
  packed->core = std::move(connections_.at_key(c.id));
  connections_.erase(c.id);
  way->content = std::move(packed);
  outputs_.push(output::move_connection{to, std::move(way)});
}

void server::handle(instant_ms now, const input::connection_moved_in& fact) {
  const std::unique_ptr<luggage> content = std::move(fact.what->content);
  auto& packed = static_cast<packed_connection&>(*content);
  connection& c = *packed.core;
  connections_.emplace(c.id, std::move(packed.core));
  by_sid_.emplace(c.sid, &c);

  c.websocket = fact.what->websocket;
  if (c.websocket) {
    by_transport_.emplace(*c.websocket, &c);
    ++on_websocket_;
  }
  if (fact.what->upgrade_websocket) {
    c.upgrade_transport = *fact.what->upgrade_websocket;
    by_transport_.emplace(c.upgrade_transport, &c);
  }
  if (c.polling) {
    c.polling->poll = fact.what->poll;
    c.polling->post = fact.what->post;
    for (const auto& request : {fact.what->poll, fact.what->post}) {
      if (request) by_request_.emplace(*request, &c);
    }
    queued_bytes_ += c.polling->queued_bytes;
    if (!c.polling->outbox.empty()) polls_to_flush_.push_back(c.id);
  }
  for (const auto kind :
       {deadline_kind::heartbeat, deadline_kind::upgrade, deadline_kind::upgrade_flush}) {
    if (const auto& at = slot_of(c, kind)) deadlines_.set(*at, {c.id, kind});
  }

  // It may have been here before.
  departed_.erase(c.sid);
  auto& trail = packed.trail;
  trail.erase(std::remove(trail.begin(), trail.end(), here_.index), trail.end());
  trails_.emplace(c.id, std::move(trail));

  application_->unpack(now, c.id, std::move(packed.application));
  if (is_shutting_down_) close(c, close_reason::server_shutdown);
}

void server::end_trail(const connection& c) {
  if (trails_.empty()) return;
  const auto trail = trails_.find(c.id);
  if (trail == trails_.end()) return;
  for (const shard_index to : trail->second)
    outputs_.tell(to, between_shards::connection_gone{c.sid});
  trails_.erase(trail);
}

void server::handle(instant_ms now, const input::shard_told& fact) {
  if (const auto* gone = std::get_if<between_shards::connection_gone>(&fact.what->what)) {
    departed_.erase(gone->sid);
    return;
  }
  application_->told(now, fact.from, *fact.what);
}

}  // namespace downbeat::engineio
