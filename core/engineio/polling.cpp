// HTTP long-polling: one GET that waits, one POST at a time.

#include "base/heap_sort.hpp"
#include "engineio/payload.hpp"
#include "engineio/server.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace downbeat::engineio {
namespace {

constexpr std::string_view text_plain = "text/plain; charset=UTF-8";
constexpr std::string_view text_html = "text/html";

/// The bytes that wait for a slow client, or because of its rate limit.
std::int64_t waiting_bytes(const polling_state& polling) {
  // A waiting GET gets all packets at the end of the step.
  return (polling.poll ? 0 : polling.queued_bytes) +
         static_cast<std::int64_t>(polling.deferred.size());
}

}  // namespace

void server::on_poll(connection& c, request_id request) {
  if (c.polling->poll) {
    answer(request, 400, {}, {});
    return close(c, close_reason::transport_error);
  }
  c.polling->poll = request;
  by_request_.emplace(request, &c);
  if (c.machine.state() == connection_state::lingering) {
    if (send_close(c)) forget(c);
    return;
  }
  if (!c.polling->outbox.empty()) polls_to_flush_.push_back(c.id);
}

void server::on_post(connection& c, request_id request, std::string_view content_type) {
  if (c.machine.state() == connection_state::lingering)
    return answer(request, 200, text_html, "ok");
  if (c.polling->post) {
    answer(request, 400, {}, {});
    outputs_.push(output::cut_request{take_post(c)});
    return close(c, close_reason::transport_error);
  }
  if (content_type == "application/octet-stream") {
    answer(request, 400, {}, {});
    return close(c, close_reason::transport_error);
  }
  c.polling->post = request;
  by_request_.emplace(request, &c);
}

request_id server::take_post(connection& c) {
  polling_state& polling = *c.polling;
  const request_id request = *polling.post;
  polling.post.reset();
  by_request_.erase(request);
  // Clear the deadline even if no bytes are left: the rest may be one empty packet.
  clear_deadline(c, deadline_kind::post);
  deferred_bytes_ -= static_cast<std::int64_t>(polling.deferred.size());
  polling.deferred = {};
  return request;
}

/// Answers the POST that is arriving or delayed when the connection closes.
void server::drop_post(connection& c) {
  const request_id request = take_post(c);
  // After an error response a client would not fetch the packets sent before the close.
  if (is_ordered(c.machine.reason())) return answer(request, 200, text_html, "ok");
  refuse(request, refusal::session_id_unknown);
}

void server::handle(instant_ms now, const input::body_received& input) {
  connection* c = find_request(input.request);
  if (c == nullptr) return;
  if (static_cast<std::int64_t>(input.body.size()) > options_.max_payload_bytes) {
    return handle(now, input::body_too_large{input.request});
  }
  take_post(*c);
  const auto rest = handle_packets(now, *c, input.body);
  if (rest) return defer_post(now, *c, input.request, std::string(*rest), 0);
  end_post(*c, input.request);
}

rate server::pace_of_posts() const {
  const std::int64_t a_second = options_.max_messages_per_second;
  return {a_second, 1'000, std::max<std::int64_t>(a_second * post_pace_interval_ms / 1'000, 1)};
}

std::optional<std::string_view> server::handle_packets(instant_ms now, connection& c,
                                                       std::string_view body) {
  const rate limit = pace_of_posts();
  std::string decoded;
  while (c.machine.is_open()) {
    if (!c.polling->pace.take(now, limit)) return body;
    const std::size_t end = body.find(record_separator);
    const std::string_view part = body.substr(0, end);
    const auto packet = utf8::is_valid(part) ? decode_text(part, decoded) : std::nullopt;
    if (!packet) {
      close(c, close_reason::parse_error);
      break;
    }
    on_packet(now, c, *packet);
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  return std::nullopt;
}

// The client is answered after the last packet. Until then it sends no other POST, so nothing
// overtakes the rest.
void server::defer_post(instant_ms now, connection& c, request_id request, std::string body,
                        std::size_t at) {
  polling_state& polling = *c.polling;
  limited_.count("polling_messages_per_second");
  polling.post = request;
  by_request_.emplace(request, &c);
  deferred_bytes_ += static_cast<std::int64_t>(body.size());
  polling.deferred = std::move(body);
  polling.deferred_at = at;
  set_deadline(c, deadline_kind::post,
               std::max(now + post_pace_interval_ms, polling.pace.next_room(now, pace_of_posts())));
  drop_if_slow(c);
}

void server::resume_post(instant_ms now, connection& c) {
  polling_state& polling = *c.polling;
  const std::size_t at = polling.deferred_at;
  deferred_bytes_ -= static_cast<std::int64_t>(polling.deferred.size());
  std::string body = std::exchange(polling.deferred, {});
  // Take the POST first: handling packets may close the connection, and the POST must be answered.
  const request_id request = take_post(c);
  const auto rest = handle_packets(now, c, std::string_view(body).substr(at));
  if (!rest) return end_post(c, request);
  const std::size_t rest_at = body.size() - rest->size();
  defer_post(now, c, request, std::move(body), rest_at);
}

void server::end_post(connection& c, request_id request) {
  // This was the last POST, if the connection has been upgraded meanwhile.
  if (c.machine.websocket()) c.polling.reset();
  // Always `ok`: an invalid packet closes the connection, and the client learns it that way.
  answer(request, 200, text_html, "ok");
}

void server::handle(instant_ms, const input::body_too_large& input) {
  connection* c = find_request(input.request);
  if (c == nullptr) return;
  take_post(*c);
  if (c->machine.websocket()) c->polling.reset();
  limited_.count("payload_bytes");
  answer(input.request, 413, {}, {});
}

void server::handle(instant_ms, const input::request_aborted& input) {
  connection* c = find_request(input.request);
  if (c == nullptr) return;
  if (c->polling->post == input.request) {
    take_post(*c);
  } else {
    by_request_.erase(input.request);
    c->polling->poll.reset();
  }
  // After the upgrade, a problem with an old POST must not close the connection.
  if (c->machine.websocket()) {
    c->polling.reset();
    return;
  }
  close(*c, close_reason::transport_error);
}

void server::queue_for_poll(connection& c, const frame& packet) {
  polling_state& polling = *c.polling;
  const auto size = static_cast<std::int64_t>(packet.bytes().size());
  polling.queued_bytes += size;
  queued_bytes_ += size;
  polling.outbox.push_back(packet);
  polls_to_flush_.push_back(c.id);
  drop_if_slow(c);
}

void server::drop_if_slow(connection& c) {
  if (!c.polling || waiting_bytes(*c.polling) == 0) return;
  const std::int64_t limit = options_.max_queued_bytes;
  const std::int64_t limit_in_all = here_.part_of_limit(options_.max_queued_bytes_in_all);
  if (limit != 0 && !c.polling->poll && c.polling->queued_bytes > limit) {
    limited_.count("polling_queued_bytes");
    drop_slow_reader(c);
  } else if (limit_in_all != 0 && queued_bytes_ + deferred_bytes_ > limit_in_all) {
    shed_slow_readers();
  }
}

std::vector<frame> server::take_outbox(connection& c) {
  queued_bytes_ -= c.polling->queued_bytes;
  c.polling->queued_bytes = 0;
  return std::exchange(c.polling->outbox, {});
}

void server::shed_slow_readers() {
  std::vector<connection*> slow;
  for (const auto& [id, c] : connections_) {
    if (c->polling && waiting_bytes(*c->polling) > 0) slow.push_back(c.get());
  }
  heap_sort(slow, [](const connection* a, const connection* b) {
    const std::int64_t more = waiting_bytes(*a->polling) - waiting_bytes(*b->polling);
    return more != 0 ? more > 0 : a->id < b->id;
  });
  // Free more than necessary, so that the next few bytes do not need another scan of all
  // connections.
  const std::int64_t enough = here_.part_of_limit(options_.max_queued_bytes_in_all) / 8 * 7;
  for (connection* c : slow) {
    if (queued_bytes_ + deferred_bytes_ <= enough) return;
    limited_.count("polling_queued_bytes_in_all");
    drop_slow_reader(*c);
  }
}

void server::drop_slow_reader(connection& c) {
  notice line{};
  line.what = notice::kind::slow_reader_dropped;
  line.reason = std::to_string(waiting_bytes(*c.polling)) + " bytes were waiting";
  line.address = c.remote_address;
  outputs_.report(std::move(line));
  take_outbox(c);
  close(c, close_reason::slow_reader);
}

void server::flush_poll(connection& c) {
  if (!c.polling || !c.polling->poll || c.polling->outbox.empty()) return;
  answer_poll(c, encode_payload(take_outbox(c)));
}

bool server::send_close(connection& c) {
  polling_state& polling = *c.polling;
  if (!polling.poll) return false;
  // Clients handle a close at once but messages a little later. In the same response, the messages
  // would be lost.
  if (!polling.outbox.empty() && is_ordered(c.machine.reason())) {
    flush_poll(c);
    return false;
  }
  // A client that closes gets a noop. Other clients get the close packet.
  const bool is_theirs = c.machine.reason() == close_reason::transport_closed;
  polling.outbox.push_back(encode_packet(is_theirs ? packet_type::noop : packet_type::close));
  flush_poll(c);
  return true;
}

void server::answer_poll(connection& c, std::string payload) {
  const request_id request = *c.polling->poll;
  c.polling->poll.reset();
  by_request_.erase(request);
  answer(request, 200, text_plain, std::move(payload));
}

void server::answer(request_id request, int status, std::string_view content_type,
                    std::string body) {
  outputs_.push(output::respond{request, status, content_type, std::move(body)});
}

}  // namespace downbeat::engineio
