#include "support/wire.hpp"

#include "text/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::test {

wire::wire(std::unique_ptr<engine> core) : wire(only(std::move(core))) {}

wire::wire(std::vector<std::unique_ptr<engine>> shards)
    : host_(std::move(shards), *this, virtual_host::delivery::immediate,
            virtual_host::answers::on_request),
      traces_(host_.shards()) {}

void wire::record() {
  host_.record(
      [this](shard_index where, std::string_view line) { traces_[where].append(line) += '\n'; });
}

shard_index wire::take_shard() {
  const shard_index taken = next_shard_;
  const bool are_messages_held = host_.how_delivered() == virtual_host::delivery::on_request;
  if (!are_messages_held) next_shard_ = static_cast<shard_index>((taken + 1) % host_.shards());
  return taken;
}

request_copy wire::head_of(http_method method, std::string_view query, std::string_view origin,
                           std::string_view content_type) {
  return {method, std::string(query), std::string(origin), std::string(content_type), address_,
          draw()};
}

transport_id wire::open_websocket(std::string_view query, std::string_view origin) {
  const transport_id id = ++last_id_;
  is_open_[id] = false;
  host_.peers().ask_for_websocket(take_shard(), id, head_of(http_method::get, query, origin, {}));
  if (!host_.peers().is_in_transit(id)) REQUIRE_FALSE(sent_[id].empty());
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

void wire::arrive(transport_id from, const input::any& input) {
  // What a client sent may cross the server's close.
  const auto closed = closed_at_.find(from);
  closed == closed_at_.end() ? host_.peers().give(input) : host_.handle(closed->second, input);
}

void wire::lose(transport_id which) {
  host_.peers().give(input::transport_closed{which});
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
  host_.peers().give(input::body_received{request, body});
}

void wire::finish_post_too_large(request_id request) {
  host_.peers().give(input::body_too_large{request});
}

request_id wire::request(http_method method, std::string_view query) {
  return ask(method, query, {}, {});
}

request_id wire::ask(http_method method, std::string_view query, std::string_view origin,
                     std::string_view content_type) {
  const request_id id = ++last_id_;
  responses_[id] = "<pending>";
  pending_.insert(id);
  host_.peers().ask(take_shard(), id, head_of(method, query, origin, content_type));
  return id;
}

void wire::abort(request_id request) {
  host_.peers().give(input::request_aborted{request});
}

void wire::shut_down() {
  give(input::shutdown_requested{});
}

void wire::advance(std::int64_t ms) {
  host_.pass(ms, [this] {
    // A deadline that is not done is reached again and again.
    REQUIRE(host_.next_stop().value_or(now() + 1) > now());
    return true;
  });
}

void wire::wake() {
  for (shard_index i = 0; i < host_.shards(); ++i) {
    if (host_.shards() > 1 && host_.deadline(i).value_or(now() + 1) > now()) continue;
    host_.handle(i, input::deadline_reached{});
    REQUIRE(host_.deadline(i).value_or(now() + 1) > now());
  }
}

std::optional<std::int64_t> wire::wait_ms() const {
  const auto next = host_.next_stop();
  return next ? std::optional(*next - now()) : std::nullopt;
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
  for (const auto& core : host_.engines()) {
    for (const measurement& m : core->measure(now())) {
      if (m.name == name && m.limit == limit) sum = sum.value_or(0) + m.value;
    }
  }
  INFO("the measurement called " << name << ' ' << limit);
  REQUIRE(sum);
  return *sum;
}

void wire::on_input(shard_index /*where*/, const input::any& input) {
  if (const auto* lost = std::get_if<input::transport_closed>(&input)) {
    is_open_[lost->transport] = false;
  } else if (const auto* aborted = std::get_if<input::request_aborted>(&input)) {
    end(aborted->request, "<aborted>");
  }
}

void wire::on_complaint(const std::string& what) {
  FAIL(what);
}

void wire::carry_out(shard_index where, output::any& output) {
  if (const auto* accept = std::get_if<output::accept_websocket>(&output)) {
    REQUIRE(sent_[accept->transport].empty());
    is_open_.at(accept->transport) = true;
    note(accept->transport, "<accepted>");
  } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&output)) {
    REQUIRE(sent_[refuse->transport].empty());
    REQUIRE(refuse->content_type == "text/html");
    note(refuse->transport,
         "<refused " + std::to_string(refuse->status) + ' ' + refuse->body + '>');
  } else if (const auto* send = std::get_if<output::send_frame>(&output)) {
    INFO("sent to transport " << send->transport << ": " << send->data.bytes());
    REQUIRE(is_open_.at(send->transport));
    note(send->transport, send->data.is_binary()
                              ? "<binary " + hex::encode(send->data.bytes()) + '>'
                              : send->data.bytes());
  } else if (const auto* close = std::get_if<output::close_transport>(&output)) {
    REQUIRE(is_open_.at(close->transport));
    is_open_[close->transport] = false;
    closed_at_[close->transport] = where;
    note(close->transport,
         "<closed " + std::to_string(static_cast<std::uint16_t>(close->code)) + '>');
  } else if (const auto* respond = std::get_if<output::respond>(&output)) {
    REQUIRE(responses_.at(respond->request) == "<pending>");
    end(respond->request, std::to_string(respond->status) + ' ' + respond->body);
    content_types_[respond->request] = respond->content_type;
  } else if (const auto* cut = std::get_if<output::cut_request>(&output)) {
    REQUIRE(responses_.at(cut->request) == "<pending>");
    end(cut->request, "<cut>");
  } else if (auto* report = std::get_if<output::report>(&output)) {
    reports_.push_back(*report->what);
  } else if (auto* answer = std::get_if<output::answer>(&output)) {
    REQUIRE(!answer_);
    answer_.emplace(answer->id, std::move(answer->json));
  }
}

std::string wire::query(std::string_view json, shard_index where) {
  const std::uint64_t id = ++last_id_;
  return answer_to(where, id, input::query{id, json});
}

std::string wire::operate(std::string_view json, shard_index where) {
  const std::uint64_t id = ++last_id_;
  return answer_to(where, id, input::operator_command{id, json});
}

std::string wire::answer_to(shard_index where, std::uint64_t id, const input::any& asked) {
  host_.handle(where, asked);
  REQUIRE(answer_);
  REQUIRE(answer_->first == id);
  return std::exchange(answer_, std::nullopt)->second;
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
