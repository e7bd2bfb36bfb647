#include "connection/http_sessions.hpp"

#include "http/text.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

namespace downbeat::host {
namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr instant_ms entropy_log_interval_ms = 10'000;
constexpr const char* forbidden =
    R"({"code":4,"message":"Forbidden: the server knows no --cors-origin like this one"})";

// A server must ignore Upgrade in an HTTP/1.0 request (RFC 9110, 7.8).
bool asks_for_websocket(const request& asked) {
  return asked.is_http_1_1() && asked.lists("Upgrade", "websocket");
}

request_reader& reader_of(http_exchange& x) {
  if (auto* const reading = x.get_if<http_exchange::reading_head>()) return *reading->reader;
  return *x.get_if<http_exchange::reading_body>()->reader;
}

http_method method_of(const request& asked) {
  switch (asked.method()) {
    case request::verb::get: return http_method::get;
    case request::verb::post: return http_method::post;
    case request::verb::options: return http_method::options;
    default: return http_method::other;
  }
}

}  // namespace

http_sessions::http_sessions(const server_options& options, connection_table& connections,
                             driver& core, outbox& out, counters& count, const http_router& router,
                             websocket_sessions& websockets, metrics_collector collect_metrics,
                             connection_limiter& limiter, origin_log& refusals, logger& log)
    : options_(options),
      connections_(connections),
      core_(core),
      out_(out),
      counters_(count),
      router_(router),
      websockets_(websockets),
      collect_metrics_(std::move(collect_metrics)),
      limiter_(limiter),
      refusals_(refusals),
      log_(log),
      origins_(options.cors_origins, options.is_tls()) {}

void http_sessions::begin(connection& c, std::string remote_address) {
  if (limiter_.proxies().trusts(remote_address)) c.http()->proxy = remote_address;
  c.address = std::move(remote_address);
  connections_.set_deadline(c, core_.now() + options_.header_timeout_ms);
}

void http_sessions::on_bytes(connection& c, std::string_view bytes) {
  c.http()->in.append(bytes);
  advance(c);
}

void http_sessions::on_end_of_input(connection& c) {
  c.http()->is_input_over = true;
  advance(c);
}

void http_sessions::on_drained(connection& c) {
  if (!c.out.has_unsent()) advance(c);
}

void http_sessions::advance(connection& c) {
  while (http_exchange* const x = c.http()) {
    if (!x->is_reading() && !begin_request(c)) break;
    request_reader& reader = reader_of(*x);
    const auto result = reader.read(x->in);
    if (result == request_reader::outcome::need_more) {
      on_body_bytes(c);
      break;
    }
    switch (result) {
      case request_reader::outcome::need_more: break;
      case request_reader::outcome::head: try { on_head(c);
        } catch (const no_entropy& error) {
          refuse_without_entropy(c, error);
        }
        break;
      case request_reader::outcome::done: on_done(c); break;
      case request_reader::outcome::refused: on_refused(c, reader.refusal()); break;
    }
    core_.handle_later();
  }
  if (accepted_) {
    // The connection is a WebSocket now: its HTTP data is freed at the end of this function.
    const auto exchange = std::move(accepted_);
    if (c.is<closed_state>()) return;
    if (c.is<websocket_state>()) connections_.clear_deadline(c);
    out_.update_wait(c);
    return websockets_.on_bytes(c, exchange->in);
  }
  update_reading(c);
}

// Starts the next pipelined request only after the last response has been written. A client that
// sends requests faster than it reads responses must wait, and costs no memory.
bool http_sessions::begin_request(connection& c) {
  http_exchange& x = *c.http();
  if (x.is<http_exchange::waiting>()) return false;
  if (x.is<http_exchange::answering>()) {
    resume_later(c);
    return false;
  }
  // Some clients send an extra CRLF after a body (RFC 9112, 2.2).
  std::size_t blank = 0;
  while (x.in.compare(blank, 2, "\r\n") == 0) blank += 2;
  x.in.erase(0, blank);
  if (x.in.empty() || x.in == "\r") return false;
  x.become(http_exchange::reading_head{
      std::make_unique<request_reader>(static_cast<std::uint32_t>(options_.max_header_bytes))});
  connections_.set_deadline(c, core_.now() + options_.header_timeout_ms);
  return true;
}

// All received bytes are used. Decides whether to read more.
void http_sessions::update_reading(connection& c) {
  http_exchange* const x = c.http();
  if (x == nullptr) return;
  if (x->is_input_over) {
    // An incomplete request gets no response. A client that has shut down sending during a long
    // poll has most likely gone: a closed browser shows itself in no other way.
    const bool is_in_vain = x->request() && (x->is_reading() || x->is_poll);
    if (is_in_vain) return out_.drop(c);
    const bool is_owed = x->is<http_exchange::waiting>() || x->is<http_exchange::answering>();
    if (!is_owed) return out_.flush_and_end(c, ending::close);
  }
  out_.update_wait(c);
}

// Called after an attempt to write everything. If that blocked, the loop calls when it can go on.
void http_sessions::resume_later(const connection& c) {
  if (!c.watched.writing && !c.out.is_blocked) waiting_.push_back(c.key);
}

void http_sessions::on_head(connection& c) {
  http_exchange& x = *c.http();
  x.become(http_exchange::reading_body{std::move(x.get_if<http_exchange::reading_head>()->reader)});
  const request_reader& reader = reader_of(x);
  const request& asked = reader.head();
  x.is_post = asked.method() == request::verb::post;
  x.is_head = asked.method() == request::verb::head;
  x.is_poll = false;
  x.is_keep_alive = asked.wants_keep_alive();
  x.fields.clear();
  if (!x.proxy.empty() && !assign_client(c, asked)) return fail(c, 503);
  if (reader.has_body()) {
    connections_.set_deadline(c, core_.now() + options_.body_timeout_ms);
  }

  if (asked.path().starts_with(options_.path)) {
    on_engineio_head(c, asked);
  } else if (asks_for_websocket(asked)) {
    x.is_keep_alive = false;
    answer(c, error_response(404, "Not found"));
  } else if (http_router::is_operator_request(asked)) {
    on_operator_head(c, asked);
  } else {
    answer(c, router_.answer(asked, c.address));
  }
  begin_body(c);
}

void http_sessions::begin_body(connection& c) {
  http_exchange* const x = c.http();
  if (x == nullptr) return;
  const request_reader& reader = reader_of(*x);
  const request& asked = reader.head();
  if (asked.is_http_1_1() && reader.has_body() &&
      equals_ignoring_case(asked.field("Expect"), "100-continue")) {
    // The response (an error) is already queued, so the client may or may not send the body: no
    // "100 Continue", and the connection must close.
    if (!x->request()) return out_.flush_and_end(c, ending::half_close);
    out_.queue(c) += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  on_body_bytes(c);
}

void http_sessions::on_operator_head(connection& c, const request& asked) {
  // This request waits for a response in the same way as one that the core answers.
  const request_id request = owe_answer(c);
  collect_metrics_([this, request, path = std::string(asked.path())](const metrics_snapshot& all) {
    connection* const found = connections_.find_request(request);
    if (found == nullptr || found->http() == nullptr) return;
    answer(*found, router_.answer_operator(path, all));
  });
}

void http_sessions::on_forwarded(connection& c) {
  http_exchange& x = *c.http();
  const request& asked = reader_of(x).head();
  try {
    if (const auto request = x.request()) {
      core_.handle(input::request_received{*request, method_of(asked), head_of(c, asked, true),
                                           core_.draw()});
    } else {
      core_.handle(input::websocket_requested{c.key, head_of(c, asked, true), core_.draw()});
    }
  } catch (const no_entropy& error) {
    refuse_without_entropy(c, error);
  }
  begin_body(c);
  advance(c);
}

void http_sessions::on_engineio_head(connection& c, const request& asked) {
  http_exchange& x = *c.http();
  const std::string_view origin = asked.field("Origin");
  if (!origin.empty() && asked.count("Origin") > 1)
    return answer(c, error_response(400, "Two origins"));
  const bool is_allowed = origins_.allows(origin, asked.host());
  x.fields = std::string(own_fields) + origins_.response_fields(origin, is_allowed);
  if (asks_for_websocket(asked)) return on_websocket_head(c, asked, is_allowed);
  if (asked.method() == request::verb::options) {
    if (origins_.answers_preflight(origin, is_allowed)) {
      x.fields = origins_.preflight_fields(origin, is_allowed,
                                           asked.field("Access-Control-Request-Headers"));
      return answer(c, {204, {}, {}, x.fields});
    }
    if (!is_allowed) report_refused_origin(c, origin);
  } else if (!is_allowed) {
    return refuse_origin(c, origin);
  }
  x.is_poll = !x.is_post;
  const request_id request = owe_answer(c);
  core_.handle(input::request_received{request, method_of(asked), head_of(c, asked), core_.draw()});
}

void http_sessions::on_websocket_head(connection& c, const request& asked, bool is_allowed) {
  http_exchange& x = *c.http();
  x.is_keep_alive = false;
  const std::string_view key = asked.field("Sec-WebSocket-Key");
  if (asked.count("Sec-WebSocket-Version") < 2 && asked.field("Sec-WebSocket-Version") != "13") {
    x.fields += "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n";
    return answer(c, {426, plain, "This needs version 13 of WebSocket\n", x.fields});
  }
  const bool offers = asked.count("Sec-WebSocket-Protocol") > 0;
  const std::string offered = asked.fields("Sec-WebSocket-Protocol");
  const auto protocol = offers ? first_subprotocol(offered) : std::string_view();
  if (asked.method() != request::verb::get || reader_of(x).has_body() ||
      !asked.lists("Connection", "upgrade") || asked.count("Sec-WebSocket-Version") != 1 ||
      asked.count("Sec-WebSocket-Key") != 1 || !is_valid_websocket_key(key) || !protocol) {
    return answer(c, {400, plain, "Not a WebSocket handshake\n", x.fields});
  }
  // Browsers apply no CORS to WebSockets, so that the server itself must check the origin.
  if (!is_allowed) return refuse_origin(c, asked.field("Origin"));
  x.get_if<http_exchange::reading_body>()->answer =
      owed_handshake{std::string(key), std::string(*protocol)};
  core_.handle(input::websocket_requested{c.key, head_of(c, asked), core_.draw()});
}

void http_sessions::refuse_origin(connection& c, std::string_view origin) {
  report_refused_origin(c, origin);
  answer(c, {403, json, forbidden, c.http()->fields});
}

void http_sessions::report_refused_origin(const connection& c, std::string_view origin) {
  ++counters_.origins_refused_total;
  refusals_.refused(core_.now(), origin, c.address);
}

request_head http_sessions::head_of(const connection& c, const request& asked,
                                    bool is_forwarded) const {
  return {asked.query(), asked.field("Origin"), asked.field("Content-Type"), c.address,
          is_forwarded};
}

// The core has not received the request: it may need entropy for a session id, which must not be
// predictable.
void http_sessions::refuse_without_entropy(connection& c, const no_entropy& error) {
  ++counters_.entropy_errors_total;
  if (core_.now() >= next_log_at_) {
    next_log_at_ = core_.now() + entropy_log_interval_ms;
    log_.write(log_level::error, "no entropy", {{"reason", error.what()}});
  }
  http_exchange& x = *c.http();
  x.is_keep_alive = false;
  answer(c, {503, plain, "Service unavailable\n", x.fields});
}

// A proxy may send the requests of several clients over one connection.
bool http_sessions::assign_client(connection& c, const request& asked) {
  std::string client =
      limiter_.proxies().client_of(c.http()->proxy, asked.fields("X-Forwarded-For"));
  if (client == c.address) return true;
  if (limiter_.move(c.address, client) != connection_limiter::verdict::accepted) {
    counters_.limited.count("connections_by_proxy");
    return false;
  }
  c.address = std::move(client);
  return true;
}

// Issues a number for the current request, under which the core will answer it.
request_id http_sessions::owe_answer(connection& c) {
  const request_id request = connections_.issue_request(c);
  c.http()->get_if<http_exchange::reading_body>()->answer = owed_answer{request};
  return request;
}

// The body is incomplete. Decides whether to accept the rest, and checks its size.
void http_sessions::on_body_bytes(connection& c) {
  http_exchange& x = *c.http();
  auto* const reading = x.get_if<http_exchange::reading_body>();
  if (reading == nullptr || !reading->reader->has_body()) return;
  request_reader& reader = *reading->reader;
  const auto limit = static_cast<std::uint64_t>(options_.max_payload_bytes);
  const auto request = x.request();
  const bool is_wanted = x.is_post && request;
  if (!is_wanted) {
    reading->discarded_bytes += reader.body().size();
    reader.body().clear();
  }
  const std::uint64_t size = is_wanted ? reader.body().size() : reading->discarded_bytes;
  if (size <= limit && reader.content_length().value_or(0) <= limit) return;

  x.is_keep_alive = false;
  if (is_wanted) core_.handle(input::body_too_large{*request});
  if (c.http() == nullptr) return;
  // The response to this GET is still due. It will be the last on this connection.
  if (request && !is_wanted) return out_.drop(c);
  out_.flush_and_end(c, ending::half_close);
}

void http_sessions::on_done(connection& c) {
  on_body_bytes(c);
  http_exchange* const x = c.http();
  if (x == nullptr) return;
  const auto request = x->request();
  const auto reader = std::move(x->get_if<http_exchange::reading_body>()->reader);
  if (!request) {
    connections_.set_deadline(c, core_.now() + options_.keep_alive_timeout_ms);
    if (c.out.has_unsent()) return x->become(http_exchange::answering{});
    return x->become(http_exchange::idle{});
  }
  x->become(http_exchange::waiting{*request});
  // No deadline for the client while the core takes its time, as with a long poll.
  connections_.clear_deadline(c);
  if (x->is_post) core_.handle(input::body_received{*request, reader->body()});
}

void http_sessions::answer(connection& c, const response& what) {
  http_exchange& x = *c.http();
  append_response(out_.queue(c), what, x.is_keep_alive, x.is_head);
  if (what.shared_body && !x.is_head) out_.share(c, what.shared_body);
  ++counters_.responses_total[static_cast<std::size_t>(what.status / 100) % 6];
  if (!x.is_keep_alive) {
    return out_.flush_and_end(c, x.is_input_over ? ending::close : ending::half_close);
  }
  if (auto* const reading = x.get_if<http_exchange::reading_body>()) {
    reading->answer = given_answer{};
  } else {
    x.become(http_exchange::answering{});
  }
  if (!x.in.empty() || x.is_input_over) resume_later(c);
}

void http_sessions::on_refused(connection& c, int status) {
  if (status == 414 || status == 431) counters_.limited.count("header_bytes");
  fail(c, status);
}

void http_sessions::fail(connection& c, int status) {
  http_exchange& x = *c.http();
  if (x.request()) return out_.drop(c);
  const auto* const reading = x.get_if<http_exchange::reading_body>();
  if (reading != nullptr && std::holds_alternative<given_answer>(reading->answer)) {
    return out_.flush_and_end(c, ending::half_close);
  }
  x.is_keep_alive = false;
  x.is_head = false;
  answer(c, error_response(status, reason_phrase(status)));
}

void http_sessions::refuse_plain_http(connection& c) {
  http_exchange& x = *c.http();
  x.is_keep_alive = false;
  x.is_head = false;
  answer(c, error_response(400, "This port speaks HTTPS: the address must begin with https://"));
}

void http_sessions::on_deadline(connection& c) {
  const http_exchange& x = *c.http();
  if (c.stream.tls() != nullptr && c.stream.tls()->is_handshaking()) {
    counters_.limited.count("header_time");
    return out_.drop(c);
  }
  if (x.is<http_exchange::reading_head>()) {
    counters_.limited.count("header_time");
    return fail(c, 408);
  }
  if (x.is<http_exchange::reading_body>()) {
    counters_.limited.count("body_time");
  } else if (c.out.has_unsent()) {
    counters_.limited.count("send_time");
  }
  out_.drop(c);
}

bool http_sessions::resume() {
  if (waiting_.empty()) return false;
  for (const connection_key key : std::exchange(waiting_, {})) {
    if (connection* const c = connections_.find(key); c != nullptr && c->http() != nullptr) {
      advance(*c);
    }
  }
  return true;
}

void http_sessions::accept_websocket(connection& c) {
  http_exchange* const x = c.http();
  const auto* const reading = x != nullptr ? x->get_if<http_exchange::reading_body>() : nullptr;
  if (reading == nullptr) return;
  const auto* const handshake = std::get_if<owed_handshake>(&reading->answer);
  if (handshake == nullptr) return;
  // `advance` passes on the bytes that came after the request.
  accepted_ = websockets_.accept(c, *handshake);
}

void http_sessions::refuse_websocket(connection& c, output::refuse_websocket what) {
  if (c.http() == nullptr) return;
  c.http()->is_keep_alive = false;
  answer(c, {what.status, what.content_type, std::move(what.body), c.http()->fields});
}

void http_sessions::respond(connection& c, output::respond what) {
  if (c.http() == nullptr) return;
  answer(c, {what.status, what.content_type, std::move(what.body), c.http()->fields});
}

}  // namespace downbeat::host
