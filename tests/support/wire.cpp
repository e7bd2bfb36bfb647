#include "support/wire.hpp"

#include "text/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::test {

namespace {

std::vector<std::unique_ptr<engine>> only(std::unique_ptr<engine> core) {
  std::vector<std::unique_ptr<engine>> one;
  one.push_back(std::move(core));
  return one;
}

}  // namespace

wire::wire(std::unique_ptr<engine> core) : wire(only(std::move(core))) {}

wire::wire(std::vector<std::unique_ptr<engine>> shards)
    : office_(static_cast<shard_index>(shards.size()),
              [this](shard_index where, const input::any& fact) { handle(where, fact); }) {
  for (auto& core : shards) shards_.push_back({std::move(core), std::nullopt});
}

shard_index wire::take_shard() {
  const shard_index taken = next_shard_;
  if (!is_mail_held_) next_shard_ = static_cast<shard_index>((taken + 1) % shards_.size());
  return taken;
}

request_copy wire::head_of(http_method method, std::string_view query, std::string_view origin,
                           std::string_view content_type) {
  return {method, std::string(query), std::string(origin), std::string(content_type), "192.0.2.1",
          draw()};
}

transport_id wire::open_websocket(std::string_view query, std::string_view origin) {
  const transport_id id = ++last_id_;
  is_open_[id] = false;
  office_.ask_for_websocket(take_shard(), id, head_of(http_method::get, query, origin, {}));
  if (!office_.is_travelling(id)) REQUIRE_FALSE(sent_[id].empty());
  return id;
}

void wire::receive(transport_id from, std::string_view text) {
  arrive(from, input::frame_received{from, false, text});
}

void wire::receive_binary(transport_id from, std::string_view bytes) {
  arrive(from, input::frame_received{from, true, bytes});
}

void wire::receive_too_large(transport_id from) {
  arrive(from, input::frame_too_large{from});
}

void wire::arrive(transport_id from, const input::any& fact) {
  // What a host has read may have crossed the order to close.
  const auto closed = closed_at_.find(from);
  closed == closed_at_.end() ? office_.tell(fact) : handle(closed->second, fact);
}

void wire::lose(transport_id which) {
  office_.tell(input::transport_closed{which});
}

request_id wire::get(std::string_view query, std::string_view origin) {
  return ask(http_method::get, query, origin, {});
}

request_id wire::post(std::string_view query, std::string_view body) {
  const request_id id = begin_post(query);
  finish_post(id, body);
  return id;
}

request_id wire::begin_post(std::string_view query, std::string_view content_type) {
  return ask(http_method::post, query, {}, content_type);
}

void wire::finish_post(request_id request, std::string_view body) {
  office_.tell(input::body_received{request, body});
}

void wire::finish_post_too_large(request_id request) {
  office_.tell(input::body_too_large{request});
}

request_id wire::request(http_method method, std::string_view query) {
  return ask(method, query, {}, {});
}

request_id wire::ask(http_method method, std::string_view query, std::string_view origin,
                     std::string_view content_type) {
  const request_id id = ++last_id_;
  responses_[id] = "<pending>";
  pending_.insert(id);
  office_.ask(take_shard(), id, head_of(method, query, origin, content_type));
  return id;
}

void wire::abort(request_id request) {
  office_.tell(input::request_aborted{request});
}

void wire::shut_down() {
  for (shard_index i = 0; i < shards_.size(); ++i) handle(i, input::shutdown_requested{});
}

void wire::advance(std::int64_t ms) {
  const instant_ms end = now_ + ms;
  for (;;) {
    std::optional<instant_ms> next;
    for (const place& here : shards_) {
      if (here.deadline && (!next || *here.deadline < *next)) next = here.deadline;
    }
    if (!next || *next > end) break;
    now_ = std::max(now_, *next);
    wake();
  }
  now_ = end;
}

void wire::oversleep(std::int64_t ms) {
  now_ += ms;
}

void wire::wake() {
  for (shard_index i = 0; i < shards_.size(); ++i) {
    if (shards_.size() > 1 && shards_[i].deadline.value_or(now_ + 1) > now_) continue;
    handle(i, input::deadline_reached{});
    REQUIRE(shards_[i].deadline.value_or(now_ + 1) > now_);
  }
}

std::optional<std::int64_t> wire::wait_ms() const {
  std::optional<std::int64_t> least;
  for (const place& here : shards_) {
    if (here.deadline)
      least = std::min(least.value_or(*here.deadline - now_), *here.deadline - now_);
  }
  return least;
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

std::uint64_t wire::measure(std::string_view name, std::string_view limit) const {
  std::optional<std::uint64_t> sum;
  for (const place& here : shards_) {
    for (const measurement& m : here.core->measure()) {
      if (m.name == name && m.limit == limit) sum = sum.value_or(0) + m.value;
    }
  }
  INFO("the measurement called " << name << ' ' << limit);
  REQUIRE(sum);
  return *sum;
}

void wire::handle(shard_index where, const input::any& fact) {
  if (const auto* lost = std::get_if<input::transport_closed>(&fact)) {
    is_open_[lost->transport] = false;
  } else if (const auto* aborted = std::get_if<input::request_aborted>(&fact)) {
    end(aborted->request, "<aborted>");
  }
  place& here = shards_[where];
  here.core->handle(now_, fact);
  for (;;) {
    output::any order = here.core->poll_output();
    if (const auto* wait = std::get_if<output::wait_until>(&order)) {
      here.deadline = wait->deadline;
      break;
    }
    carry_out(where, std::move(order));
    REQUIRE(office_.complaint() == "");
  }
  if (!is_mail_held_) deliver_all();
}

void wire::deliver_all() {
  if (std::exchange(is_delivering_, true)) return;
  for (auto waiting = mail(); !waiting.empty(); waiting = mail()) {
    for (const auto& [from, to] : waiting) deliver(from, to);
  }
  is_delivering_ = false;
}

void wire::let_mail_go() {
  is_mail_held_ = false;
  deliver_all();
}

void wire::carry_out(shard_index where, output::any order) {
  if (office_.take(where, order)) return;
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
    closed_at_[close->transport] = where;
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
