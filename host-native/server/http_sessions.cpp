#include "server/http_sessions.hpp"

#include "http/text.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace downbeat::host {
namespace {

// What a peer may say beforehand while it waits for an answer.
constexpr std::size_t max_ahead_bytes = 64 * 1024;
constexpr std::string_view json = "application/json";
constexpr std::string_view plain = "text/plain; charset=utf-8";
// What the server itself has to say is never kept, and no page: nothing in it runs or is framed.
constexpr std::string_view own_fields =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
constexpr const char* forbidden = R"({"code":4,"message":"Forbidden"})";

bool asks_for_websocket(const request& asked) {
  return has_token(asked.field("Upgrade"), "websocket");
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
                             driver& core, outbox& out, counters& count, const site& pages,
                             websocket_sessions& websockets, gatherer gather, admission& door)
    : options_(options),
      connections_(connections),
      core_(core),
      out_(out),
      count_(count),
      pages_(pages),
      websockets_(websockets),
      gather_(std::move(gather)),
      door_(door),
      origins_(options.cors_origins) {}

void http_sessions::begin(connection& c, std::string remote_address) {
  c.http = std::make_unique<http_exchange>();
  if (door_.proxies().trusts(remote_address)) c.http->proxy = remote_address;
  c.address = std::move(remote_address);
  connections_.set_deadline(c, core_.now() + options_.header_timeout_ms);
}

void http_sessions::on_bytes(connection& c, std::string_view bytes) {
  if (c.then != ending::none) return;
  http_exchange& x = *c.http;
  if (!x.reader && x.request != 0 && x.in.size() + bytes.size() > max_ahead_bytes) {
    return out_.drop(c);
  }
  x.in.append(bytes);
  advance(c);
}

void http_sessions::advance(connection& c) {
  while (c.now == phase::http && c.then == ending::none && !c.is_leaving) {
    http_exchange& x = *c.http;
    if (!x.reader) {
      if (x.request != 0) return;
      // Some clients end a body with a line end that is not part of it.
      x.in.erase(0, std::min(x.in.find_first_not_of("\r\n"), x.in.size()));
      if (x.in.empty()) return;
      x.reader =
          std::make_unique<request_reader>(static_cast<std::uint32_t>(options_.max_header_bytes));
      x.is_answered = false;
      connections_.set_deadline(c, core_.now() + options_.header_timeout_ms);
    }
    switch (x.reader->read(x.in)) {
      case request_reader::outcome::need_more: return on_body_bytes(c);
      case request_reader::outcome::head: on_head(c); break;
      case request_reader::outcome::done: on_done(c); break;
      case request_reader::outcome::malformed: return fail(c, 400);
      case request_reader::outcome::head_too_large:
        count_.limited.count("header_bytes");
        return fail(c, 431);
    }
    core_.handle_later();
  }
  if (c.http && c.now != phase::http && c.now != phase::closed) {
    // It has become a WebSocket, and what it was before is not needed any more.
    const auto exchange = std::move(c.http);
    if (c.now == phase::websocket) connections_.clear_deadline(c);
    websockets_.on_bytes(c, exchange->in);
  }
}

void http_sessions::on_head(connection& c) {
  http_exchange& x = *c.http;
  const request& asked = x.reader->head();
  x.is_post = asked.method() == request::verb::post;
  x.is_head = asked.method() == request::verb::head;
  x.is_keep_alive = asked.wants_keep_alive();
  x.discarded_bytes = 0;
  x.fields.clear();
  // Two hosts are a way to be seen differently by a proxy and by us.
  const std::size_t hosts = asked.count("Host");
  if (hosts > 1 || (hosts == 0 && asked.is_http_1_1())) return fail(c, 400);
  if (!x.proxy.empty() && !is_welcome(c, asked)) return fail(c, 503);
  if (x.reader->has_body()) {
    connections_.set_deadline(c, core_.now() + options_.body_timeout_ms);
  }

  if (asked.path().starts_with(options_.path)) {
    on_engineio_head(c, asked);
  } else if (asks_for_websocket(asked)) {
    x.is_keep_alive = false;
    answer(c, {404, plain, "Not found\n", std::string(own_fields)});
  } else if (site::is_for_operator(asked)) {
    on_operator_head(c, asked);
  } else {
    answer(c, pages_.answer(asked));
  }
  begin_body(c, asked);
}

void http_sessions::begin_body(connection& c, const request& asked) {
  if (c.now != phase::http || c.then != ending::none || c.is_leaving) return;
  http_exchange& x = *c.http;
  if (asked.is_http_1_1() && x.reader->has_body() &&
      equals_ignoring_case(asked.field("Expect"), "100-continue")) {
    // Who has its answer already need not send the body, and nobody can tell whether it will.
    if (x.request == 0) return out_.end(c, ending::half_close);
    out_.queue(c) += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  on_body_bytes(c);
}

void http_sessions::on_operator_head(connection& c, const request& asked) {
  // It is owed an answer like one that the core thinks about.
  const request_id request = connections_.issue_request(c);
  c.http->request = request;
  gather_([this, request, path = std::string(asked.path())](const figures& all) {
    connection* const found = connections_.find_request(request);
    if (found == nullptr) return;
    found->http->request = 0;
    answer(*found, pages_.answer_operator(path, all));
  });
}

void http_sessions::on_forwarded(connection& c) {
  http_exchange& x = *c.http;
  const request& asked = x.reader->head();
  if (x.request != 0) {
    core_.handle(input::request_received{x.request, method_of(asked), head_of(c, asked, true),
                                         core_.draw()});
  } else {
    core_.handle(input::websocket_requested{c.key, head_of(c, asked, true), core_.draw()});
  }
  begin_body(c, asked);
  advance(c);
}

void http_sessions::on_engineio_head(connection& c, const request& asked) {
  http_exchange& x = *c.http;
  const std::string_view origin = asked.field("Origin");
  const std::string_view host = asked.field("Host");
  x.fields = std::string(own_fields) + origins_.response_fields(origin, host);
  if (asks_for_websocket(asked)) return on_websocket_head(c, asked);
  if (asked.method() == request::verb::options) {
    if (origins_.answers_preflight(origin, host)) {
      x.fields =
          origins_.preflight_fields(origin, host, asked.field("Access-Control-Request-Headers"));
      return answer(c, {204, {}, {}, x.fields});
    }
  } else if (!origins_.allows(origin, host)) {
    return answer(c, {403, json, forbidden, x.fields});
  }
  x.request = connections_.issue_request(c);
  core_.handle(
      input::request_received{x.request, method_of(asked), head_of(c, asked), core_.draw()});
}

void http_sessions::on_websocket_head(connection& c, const request& asked) {
  http_exchange& x = *c.http;
  x.is_keep_alive = false;
  const std::string_view key = asked.field("Sec-WebSocket-Key");
  if (asked.field("Sec-WebSocket-Version") != "13") {
    x.fields += "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n";
    return answer(c, {426, plain, "This needs version 13 of WebSocket\n", x.fields});
  }
  if (asked.method() != request::verb::get || !asked.is_http_1_1() || x.reader->has_body() ||
      !has_token(asked.field("Connection"), "upgrade") || asked.count("Sec-WebSocket-Key") != 1 ||
      !is_valid_websocket_key(key)) {
    return answer(c, {400, plain, "Not a WebSocket handshake\n", x.fields});
  }
  // Browsers ask nobody before they open a WebSocket to another origin: it is for us to refuse.
  if (!origins_.allows(asked.field("Origin"), asked.field("Host"))) {
    return answer(c, {403, json, forbidden, x.fields});
  }
  x.websocket_key = key;
  core_.handle(input::websocket_requested{c.key, head_of(c, asked), core_.draw()});
}

request_head http_sessions::head_of(const connection& c, const request& asked,
                                    bool is_forwarded) const {
  return {asked.query(), asked.field("Origin"), asked.field("Content-Type"), c.address,
          is_forwarded};
}

// A proxy may use one connection for many clients, one after another.
bool http_sessions::is_welcome(connection& c, const request& asked) {
  std::string client = door_.proxies().client_of(c.http->proxy, asked.fields("X-Forwarded-For"));
  if (client == c.address) return true;
  if (door_.move(c.address, client) != admission::answer::welcome) {
    count_.limited.count("connections_by_proxy");
    return false;
  }
  c.address = std::move(client);
  return true;
}

// The request has not come whole: is what is still to come wanted, and is it too much?
void http_sessions::on_body_bytes(connection& c) {
  http_exchange& x = *c.http;
  if (!x.reader || !x.reader->has_body()) return;
  const auto limit = static_cast<std::uint64_t>(options_.max_payload_bytes);
  const bool is_wanted = x.is_post && x.request != 0;
  if (!is_wanted) {
    x.discarded_bytes += x.reader->body().size();
    x.reader->body().clear();
  }
  const std::uint64_t size = is_wanted ? x.reader->body().size() : x.discarded_bytes;
  if (size <= limit && x.reader->content_length().value_or(0) <= limit) return;

  x.is_keep_alive = false;
  if (is_wanted) core_.handle(input::body_too_large{x.request});
  if (c.now != phase::http || c.then != ending::none) return;
  // A GET that brought too much still waits for its answer, which will be its last.
  if (x.request != 0 && !is_wanted) return out_.drop(c);
  out_.end(c, ending::half_close);
}

void http_sessions::on_done(connection& c) {
  on_body_bytes(c);
  if (c.now != phase::http || c.then != ending::none) return;
  http_exchange& x = *c.http;
  if (x.is_answered) {
    connections_.set_deadline(c, core_.now() + options_.keep_alive_timeout_ms);
  } else {
    // While the core takes its time to answer, so may the peer.
    connections_.clear_deadline(c);
  }
  if (x.is_post && x.request != 0) {
    core_.handle(input::body_received{x.request, x.reader->body()});
  }
  if (c.now == phase::http) x.reader.reset();
}

void http_sessions::answer(connection& c, const response& what) {
  http_exchange& x = *c.http;
  x.is_answered = true;
  append_response(out_.queue(c), what, x.is_keep_alive, x.is_head);
  ++count_.responses_total[static_cast<std::size_t>(what.status / 100) % 6];
  if (!x.is_keep_alive) return out_.end(c, ending::half_close);
  if (!x.in.empty()) waiting_.push_back(c.key);
}

void http_sessions::fail(connection& c, int status) {
  http_exchange& x = *c.http;
  if (x.request != 0) return out_.drop(c);
  if (x.is_answered) return out_.end(c, ending::half_close);
  x.is_keep_alive = false;
  x.is_head = false;
  answer(c, {status, plain, std::string(reason_phrase(status)) + "\n", std::string(own_fields)});
}

void http_sessions::on_deadline(connection& c) {
  const http_exchange& x = *c.http;
  const bool is_reading = x.reader && x.request == 0 && !x.is_answered;
  if (x.reader) {
    count_.limited.count(x.reader->has_head() ? "body_time" : "header_time");
  } else if (c.queued_bytes() > 0) {
    count_.limited.count("send_time");
  }
  if (is_reading && c.then == ending::none) return fail(c, 408);
  out_.drop(c);
}

bool http_sessions::resume() {
  if (waiting_.empty()) return false;
  for (const connection_key key : std::exchange(waiting_, {})) {
    if (connection* const c = connections_.find(key); c != nullptr && c->http) advance(*c);
  }
  return true;
}

void http_sessions::accept_websocket(connection& c) {
  if (c.http && !c.http->websocket_key.empty()) websockets_.accept(c, c.http->websocket_key);
}

void http_sessions::refuse_websocket(connection& c, output::refuse_websocket order) {
  if (!c.http) return;
  c.http->is_keep_alive = false;
  answer(c, {order.status, order.content_type, std::move(order.body), c.http->fields});
}

void http_sessions::respond(connection& c, output::respond order) {
  c.http->request = 0;
  answer(c, {order.status, order.content_type, std::move(order.body), c.http->fields});
}

}  // namespace downbeat::host
