// The limits on bytes kept for clients: incomplete binary packets, and messages that are held while
// another shard is asked.

#include "base/heap_sort.hpp"
#include "socketio/server.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::socketio {
namespace {

std::int64_t bytes_in(std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

}  // namespace

void server::begin_partial(instant_ms now, client& c, std::string_view text, std::size_t expected) {
  c.partial = std::make_unique<partial_packet>();
  c.partial->text = text;
  c.partial->expected = expected;
  if (options_.attachment_timeout_ms != 0) {
    c.partial->deadline = now + options_.attachment_timeout_ms;
    deadlines_.set(*c.partial->deadline, {c.id, deadline_kind::attachment});
  }
  add_to_partial(c, bytes_in(text));
}

bool server::add_to_partial(client& c, std::int64_t bytes) {
  c.partial->bytes += bytes;
  buffered_bytes_ += bytes;
  return is_partial_within_limit(c) && is_buffer_within_limit(c);
}

bool server::is_partial_within_limit(client& c) {
  const std::int64_t limit = options_.max_packet_bytes;
  if (limit == 0 || c.partial->bytes <= limit) return true;
  limited_.count("packet_bytes");
  reject(c, "too many bytes in one packet");
  return false;
}

std::unique_ptr<partial_packet> server::take_partial(client& c) {
  buffered_bytes_ -= c.partial->bytes;
  if (const auto& at = c.partial->deadline) {
    deadlines_.cancel(*at, {c.id, deadline_kind::attachment});
  }
  return std::move(c.partial);
}

void server::buffer(client& c, bool is_binary, std::string_view data) {
  const std::int64_t bytes = bytes_of_buffered(data);
  message_buffer& paused = buffers_[c.id];
  paused.bytes += bytes;
  buffered_bytes_ += bytes;
  paused.queue.push_back({is_binary, std::string(data)});
  if (options_.max_buffered_bytes != 0 && paused.bytes > options_.max_buffered_bytes) {
    limited_.count("paused_bytes");
    return reject(c, "too many messages while changing the session");
  }
  is_buffer_within_limit(c);
}

buffered_message server::take_buffered(message_buffer& from) {
  buffered_message first = std::move(from.queue.front());
  from.queue.pop_front();
  const std::int64_t bytes = bytes_of_buffered(first.data);
  from.bytes -= bytes;
  buffered_bytes_ -= bytes;
  return first;
}

std::int64_t server::buffered_bytes(const client& c) const {
  const auto paused = buffers_.find(c.id);
  return (c.partial ? c.partial->bytes : 0) + (paused == buffers_.end() ? 0 : paused->second.bytes);
}

void server::drop_buffer(client& c) {
  if (c.partial) take_partial(c);
  const auto paused = buffers_.find(c.id);
  if (paused == buffers_.end()) return;
  buffered_bytes_ -= paused->second.bytes;
  buffers_.erase(paused);
}

bool server::is_buffer_within_limit(client& c) {
  const std::int64_t limit = here_.part_of_limit(options_.max_buffered_bytes_in_all);
  if (limit == 0 || buffered_bytes_ <= limit) return true;
  std::vector<client*> largest;
  for (const auto& [id, one] : clients_) {
    if (buffered_bytes(*one) > 0) largest.push_back(one.get());
  }
  heap_sort(largest, [this](const client* a, const client* b) {
    const std::int64_t more = buffered_bytes(*a) - buffered_bytes(*b);
    return more != 0 ? more > 0 : a->id < b->id;
  });
  // Free more than necessary, so that the next few bytes do not need another scan of all clients.
  const std::int64_t enough = limit / 8 * 7;
  for (client* one : largest) {
    if (buffered_bytes_ <= enough) break;
    limited_.count("buffered_bytes_in_all");
    reject(*one, "too many bytes of unfinished packets in all");
  }
  return c.messages != delivery::closed;
}

void server::limit(const options& to) {
  options_.max_attachments = to.max_attachments;
  options_.max_packet_bytes = to.max_packet_bytes;
  options_.max_buffered_bytes_in_all = to.max_buffered_bytes_in_all;
  options_.attachment_timeout_ms = to.attachment_timeout_ms;
  options_.max_connects_per_minute = to.max_connects_per_minute;
  std::vector<client*> all;
  for (const auto& [id, c] : clients_) all.push_back(c.get());
  heap_sort(all, [](const client* a, const client* b) { return a->id < b->id; });
  for (client* c : all) {
    if (c->partial) is_partial_within_limit(*c);
  }
  if (!all.empty()) is_buffer_within_limit(*all.front());
}

std::int64_t server::retained_bytes(client_id id) const {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return 0;
  const client& c = *found->second;
  return bytes_in(c.query) + bytes_in(c.remote_address) + buffered_bytes(c);
}

std::optional<std::int64_t> server::retained_bytes_limit() const {
  const bool is_paused_at_times = here_.count > 1 || options_.pauses_clients;
  if (options_.max_packet_bytes == 0) return std::nullopt;
  if (is_paused_at_times && options_.max_buffered_bytes == 0) return std::nullopt;
  const std::int64_t of_handshake =
      (options_.keeps_query ? max_query_bytes : 0) + max_address_bytes;
  return of_handshake + options_.max_packet_bytes +
         (is_paused_at_times ? options_.max_buffered_bytes : 0);
}

std::optional<std::int64_t> server::retained_bytes_limit_in_all(std::int64_t connections) const {
  if (options_.max_buffered_bytes_in_all == 0) return std::nullopt;
  const std::int64_t of_handshake =
      (options_.keeps_query ? max_query_bytes : 0) + max_address_bytes;
  return connections * of_handshake + here_.part_of_limit(options_.max_buffered_bytes_in_all);
}

}  // namespace downbeat::socketio
