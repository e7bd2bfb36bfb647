// Clients on their way from one shard to another, and what they say meanwhile.

#include "socketio/server.hpp"

#include <utility>

namespace downbeat::socketio {
namespace {

/// A client is held for as long as two messages between shards take. One that says more than this
/// meanwhile does not play music.
constexpr std::size_t max_held_bytes = 4 * 1024 * 1024;

}  // namespace

struct server::packed_client final : luggage {
  std::unique_ptr<client> core;
  held_messages held;
  std::vector<std::unique_ptr<luggage>> sockets;
};

void server::hold(const socket& who) {
  client& c = *clients_.at_key(who.client);
  if (c.given == attention::heard) c.given = attention::held;
}

void server::keep(client& c, bool is_binary, std::string_view data) {
  held_messages& held = held_[c.id];
  held.bytes += data.size();
  if (held.bytes > max_held_bytes) return reject(c, "too many messages while changing the session");
  held.queue.push_back({is_binary, std::string(data)});
}

void server::resume(instant_ms now, const socket& who) {
  client& c = *clients_.at_key(who.client);
  if (c.given != attention::held) return;
  c.given = attention::heard;
  const auto found = held_.find(c.id);
  if (found == held_.end()) return;
  held_messages held = std::move(found->second);
  held_.erase(found);
  while (!held.queue.empty() && c.given == attention::heard) {
    const held_message next = std::move(held.queue.front());
    held.queue.pop_front();
    held.bytes -= next.data.size();
    deliver(now, c, next.is_binary, next.data);
  }
  // One of these messages was a reason to wait again.
  if (c.given == attention::held && !held.queue.empty()) held_.emplace(c.id, std::move(held));
}

std::unique_ptr<luggage> server::pack(client_id id) {
  const auto found = clients_.find(id);
  auto packed = std::make_unique<packed_client>();
  packed->core = std::move(found->second);
  clients_.erase(id);
  client& c = *packed->core;
  if (c.connect_deadline) deadlines_.cancel(*c.connect_deadline, id);
  if (const auto held = held_.find(id); held != held_.end()) {
    packed->held = std::move(held->second);
    held_.erase(held);
  }
  for (const auto& s : c.sockets) {
    packed->sockets.push_back(application_->pack(*s));
    sockets_.erase(s->number);
    const auto nsp = namespaces_.find(s->nsp);
    nsp->second.remove(*s);
    if (nsp->second.is_empty()) namespaces_.erase(nsp);
  }
  return packed;
}

void server::unpack(instant_ms now, client_id id, std::unique_ptr<luggage> content) {
  auto& packed = static_cast<packed_client&>(*content);
  client& c = *packed.core;
  clients_.emplace(id, std::move(packed.core));
  if (c.connect_deadline) deadlines_.set(*c.connect_deadline, id);
  if (!packed.held.queue.empty()) held_.emplace(id, std::move(packed.held));
  std::vector<socket_number> numbers;
  for (const auto& s : c.sockets) {
    numbers.push_back(s->number);
    sockets_.emplace(s->number, s.get());
    namespaces_[s->nsp].add(*s);
  }
  // What the application does now may end one of them.
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (const socket* s = find(numbers[i])) {
      application_->unpack(now, *s, std::move(packed.sockets[i]));
    }
  }
}

}  // namespace downbeat::socketio
