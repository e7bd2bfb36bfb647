#include "support/wire.hpp"

#include "text/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::test {

wire::wire(std::unique_ptr<engine> core) : core_(std::move(core)) {}

transport_id wire::open_websocket(std::string_view query, std::string_view origin) {
  const transport_id id = ++last_id_;
  is_open_[id] = false;
  handle(input::websocket_requested{id, {query, origin, {}, "192.0.2.1"}, draw()});
  REQUIRE_FALSE(sent_[id].empty());
  return id;
}

void wire::receive(transport_id from, std::string_view text) {
  handle(input::frame_received{from, false, text});
}

void wire::receive_binary(transport_id from, std::string_view bytes) {
  handle(input::frame_received{from, true, bytes});
}

void wire::receive_too_large(transport_id from) {
  handle(input::frame_too_large{from});
}

void wire::lose(transport_id which) {
  // A host says nothing of a transport that it was ordered to close.
  if (!is_open_[which]) return;
  is_open_[which] = false;
  handle(input::transport_closed{which});
}

request_id wire::get(std::string_view query, std::string_view origin) {
  const request_id id = expect_response();
  handle(input::request_received{id, http_method::get, {query, origin, {}, "192.0.2.1"}, draw()});
  return id;
}

request_id wire::post(std::string_view query, std::string_view body) {
  const request_id id = begin_post(query);
  finish_post(id, body);
  return id;
}

request_id wire::begin_post(std::string_view query, std::string_view content_type) {
  const request_id id = expect_response();
  handle(input::request_received{
      id, http_method::post, {query, {}, content_type, "192.0.2.1"}, draw()});
  return id;
}

void wire::finish_post(request_id request, std::string_view body) {
  // A host discards the body of a request that is answered already.
  if (responses_.at(request) == "<pending>") handle(input::body_received{request, body});
}

void wire::finish_post_too_large(request_id request) {
  if (responses_.at(request) == "<pending>") handle(input::body_too_large{request});
}

request_id wire::request(http_method method, std::string_view query) {
  const request_id id = expect_response();
  handle(input::request_received{id, method, {query, {}, {}, "192.0.2.1"}, draw()});
  return id;
}

void wire::abort(request_id request) {
  if (responses_.at(request) != "<pending>") return;
  end(request, "<aborted>");
  handle(input::request_aborted{request});
}

void wire::shut_down() {
  handle(input::shutdown_requested{});
}

void wire::advance(std::int64_t ms) {
  const instant_ms end = now_ + ms;
  while (deadline_ && *deadline_ <= end) {
    now_ = std::max(now_, *deadline_);
    wake();
  }
  now_ = end;
}

void wire::oversleep(std::int64_t ms) {
  now_ += ms;
}

void wire::wake() {
  handle(input::deadline_reached{});
  REQUIRE(deadline_.value_or(now_ + 1) > now_);
}

std::optional<std::int64_t> wire::wait_ms() const {
  if (!deadline_) return std::nullopt;
  return *deadline_ - now_;
}

transcript wire::sent(transport_id to) {
  return std::exchange(sent_[to], {});
}

std::string wire::last_sent(transport_id to) {
  const transcript all = sent(to);
  return all.empty() ? std::string() : all.back();
}

std::string wire::response(request_id request) const {
  return responses_.at(request);
}

std::string wire::content_type(request_id request) const {
  return content_types_.at(request);
}

std::vector<request_id> wire::pending() const {
  return {pending_.begin(), pending_.end()};
}

bool wire::is_open(transport_id which) const {
  return is_open_.at(which);
}

std::vector<notice> wire::reports() {
  return std::exchange(reports_, {});
}

std::uint64_t wire::measure(std::string_view name) const {
  for (const measurement& m : core_->measure()) {
    if (m.name == name) return m.value;
  }
  FAIL("there is no measurement called " << name);
  return 0;
}

void wire::handle(const input::any& fact) {
  core_->handle(now_, fact);
  for (;;) {
    output::any order = core_->poll_output();
    if (const auto* wait = std::get_if<output::wait_until>(&order)) {
      deadline_ = wait->deadline;
      return;
    }
    carry_out(std::move(order));
  }
}

void wire::carry_out(output::any order) {
  if (const auto* accept = std::get_if<output::accept_websocket>(&order)) {
    REQUIRE(sent_[accept->transport].empty());
    is_open_.at(accept->transport) = true;
    note(accept->transport, "<accepted>");
  } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&order)) {
    REQUIRE(sent_[refuse->transport].empty());
    REQUIRE(refuse->content_type == "text/html");
    note(refuse->transport,
         "<refused " + std::to_string(refuse->status) + ' ' + refuse->body + '>');
  } else if (const auto* send = std::get_if<output::send_frame>(&order)) {
    INFO("sent to transport " << send->transport << ": " << send->data.bytes());
    REQUIRE(is_open_.at(send->transport));
    note(send->transport, send->data.is_binary()
                              ? "<binary " + hex::encode(send->data.bytes()) + '>'
                              : send->data.bytes());
  } else if (const auto* close = std::get_if<output::close_transport>(&order)) {
    REQUIRE(is_open_.at(close->transport));
    is_open_[close->transport] = false;
    note(close->transport,
         "<closed " + std::to_string(static_cast<std::uint16_t>(close->code)) + '>');
  } else if (const auto* respond = std::get_if<output::respond>(&order)) {
    REQUIRE(responses_.at(respond->request) == "<pending>");
    end(respond->request, std::to_string(respond->status) + ' ' + respond->body);
    content_types_[respond->request] = respond->content_type;
  } else if (const auto* cut = std::get_if<output::cut_request>(&order)) {
    REQUIRE(responses_.at(cut->request) == "<pending>");
    end(cut->request, "<cut>");
  } else if (auto* report = std::get_if<output::report>(&order)) {
    reports_.push_back(*report->what);
  }
}

request_id wire::expect_response() {
  const request_id id = ++last_id_;
  responses_[id] = "<pending>";
  pending_.insert(id);
  return id;
}

void wire::end(request_id request, std::string how) {
  responses_[request] = std::move(how);
  pending_.erase(request);
}

void wire::note(transport_id to, std::string what) {
  sent_[to].push_back(std::move(what));
}

entropy wire::draw() {
  if (next_draw_) return *std::exchange(next_draw_, std::nullopt);
  entropy fresh;
  for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
  return fresh;
}

std::string member_of(std::string_view text, std::string_view key) {
  const std::string name = '"' + std::string(key) + "\":\"";
  const auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return std::string(text.substr(begin, text.find('"', begin) - begin));
}

}  // namespace downbeat::test
