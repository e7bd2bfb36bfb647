// HTTP long-polling: one GET that waits, one POST at a time.

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

}  // namespace

void server::on_poll(connection& c, request_id request) {
  if (c.polling->poll) {
    answer(request, 400, {}, {});
    return close(c, close_reason::transport_error);
  }
  c.polling->poll = request;
  by_request_.emplace(request, &c);
  if (c.state == life::lingering) {
    if (say_farewell(c)) forget(c);
    return;
  }
  if (!c.polling->outbox.empty()) polls_to_flush_.push_back(c.id);
}

void server::on_post(connection& c, request_id request, std::string_view content_type) {
  if (c.state == life::lingering) return answer(request, 200, text_html, "ok");
  if (c.polling->post) {
    answer(request, 400, {}, {});
    by_request_.erase(*c.polling->post);
    outputs_.push(output::cut_request{*c.polling->post});
    c.polling->post.reset();
    return close(c, close_reason::transport_error);
  }
  if (content_type == "application/octet-stream") {
    answer(request, 400, {}, {});
    return close(c, close_reason::transport_error);
  }
  c.polling->post = request;
  by_request_.emplace(request, &c);
}

/// Answers the POST whose body is still on its way when the connection closes.
void server::drop_post(connection& c) {
  const request_id request = *c.polling->post;
  c.polling->post.reset();
  by_request_.erase(request);
  // A client takes an error for the loss of its connection, and would not fetch what was sent to
  // it before the close.
  if (is_ordered(c.reason)) return answer(request, 200, text_html, "ok");
  refuse(request, refusal::session_id_unknown);
}

void server::handle(instant_ms now, const input::body_received& fact) {
  connection* c = find_request(fact.request);
  if (c == nullptr) return;
  by_request_.erase(fact.request);
  c->polling->post.reset();
  if (c->websocket) c->polling.reset();
  std::string decoded;
  for (const std::string_view part : split_payload(fact.body)) {
    if (c->state != life::open) break;
    const auto packet = utf8::is_valid(part) ? decode_text(part, decoded) : std::nullopt;
    if (!packet) {
      close(*c, close_reason::parse_error);
      break;
    }
    on_packet(now, *c, *packet);
  }
  // Whether the packets were any good is not for the answer to say; the session tells it.
  answer(fact.request, 200, text_html, "ok");
}

void server::handle(instant_ms, const input::body_too_large& fact) {
  connection* c = find_request(fact.request);
  if (c == nullptr) return;
  by_request_.erase(fact.request);
  c->polling->post.reset();
  if (c->websocket) c->polling.reset();
  limited_.count("payload_bytes");
  answer(fact.request, 413, {}, {});
}

void server::handle(instant_ms, const input::request_aborted& fact) {
  connection* c = find_request(fact.request);
  if (c == nullptr) return;
  by_request_.erase(fact.request);
  if (c->polling->poll == fact.request) c->polling->poll.reset();
  if (c->polling->post == fact.request) c->polling->post.reset();
  close(*c, close_reason::transport_error);
}

void server::queue_for_poll(connection& c, const frame& packet) {
  polling_state& polling = *c.polling;
  const auto size = static_cast<std::int64_t>(packet.bytes().size());
  polling.queued_bytes += size;
  queued_bytes_ += size;
  polling.outbox.push_back(packet);
  polls_to_flush_.push_back(c.id);
  // Who waits at a GET gets all of it at the end of the step, however much it is.
  if (polling.poll) return;
  const std::int64_t limit = options_.max_queued_bytes;
  const std::int64_t limit_in_all = options_.max_queued_bytes_in_all;
  if (limit != 0 && polling.queued_bytes > limit) {
    limited_.count("polling_queued_bytes");
    drop_slow_reader(c);
  } else if (limit_in_all != 0 && queued_bytes_ > limit_in_all) {
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
    if (c->polling && !c->polling->poll && c->polling->queued_bytes > 0) slow.push_back(c.get());
  }
  std::sort(slow.begin(), slow.end(), [](const connection* a, const connection* b) {
    const std::int64_t more = a->polling->queued_bytes - b->polling->queued_bytes;
    return more != 0 ? more > 0 : a->id < b->id;
  });
  // Some more than need be, so that they are not all looked at again for the next few bytes.
  const std::int64_t enough = options_.max_queued_bytes_in_all / 8 * 7;
  for (connection* c : slow) {
    if (queued_bytes_ <= enough) return;
    limited_.count("polling_queued_bytes_in_all");
    drop_slow_reader(*c);
  }
}

void server::drop_slow_reader(connection& c) {
  notice line{};
  line.what = notice::kind::slow_reader_dropped;
  line.reason = std::to_string(c.polling->queued_bytes) + " bytes were waiting";
  line.address = c.remote_address;
  outputs_.report(std::move(line));
  take_outbox(c);
  close(c, close_reason::slow_reader);
}

void server::flush_poll(connection& c) {
  if (!c.polling || !c.polling->poll || c.polling->outbox.empty()) return;
  answer_poll(c, encode_payload(take_outbox(c)));
}

bool server::say_farewell(connection& c) {
  polling_state& polling = *c.polling;
  if (!polling.poll) return false;
  // Clients obey a close at once, but handle messages a little later. In one response with them,
  // the close would cost the messages.
  if (!polling.outbox.empty() && is_ordered(c.reason)) {
    flush_poll(c);
    return false;
  }
  // One who closes is answered with a noop, every other one is told of the close.
  const bool is_theirs = c.reason == close_reason::transport_closed;
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
