#include "micro/stage.hpp"

#include "base/frame.hpp"
#include "jam/make_engine.hpp"
#include "jam/options.hpp"
#include "jam/settings.hpp"
#include "output.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <variant>

namespace downbeat::bench {
namespace {

constexpr std::string_view websocket_query = "EIO=4&transport=websocket";
constexpr std::string_view polling_query = "EIO=4&transport=polling";
constexpr std::string_view text_type = "text/plain;charset=UTF-8";
constexpr std::string_view address = "127.0.0.1";

/// Without limits on rates and counts; limits on sizes stay.
jam::options without_limits() {
  constexpr std::array<std::string_view, 3> kept = {"maxAttachments", "maxEventBytes", "maxDepth"};
  jam::options options;
  for (const jam::setting& one : jam::settings()) {
    const bool is_kept = std::find(kept.begin(), kept.end(), one.name) != kept.end();
    if (one.least == 0 && !is_kept) one.in(options) = 0;
  }
  return options;
}

}  // namespace

stage::stage() : core_(jam::make_engine(without_limits())) {}

transport_id stage::connect() {
  const transport_id id = ++last_transport_;
  handle(input::websocket_requested{id, {websocket_query, {}, {}, address}, draw()});
  hear(id, "40");
  return id;
}

void stage::hear(transport_id from, std::string_view message) {
  handle(input::frame_received{from, false, message});
}

void stage::lose(transport_id which) {
  handle(input::transport_closed{which});
}

std::string stage::connect_polling() {
  const std::string handshake(polling_query);
  get(handshake);
  const std::string query = handshake + "&sid=" + text_member(last_text(), "sid");
  post(query, "40");
  get(query);
  return query;
}

request_id stage::get(const std::string& query) {
  const request_id id = ++last_request_;
  handle(input::request_received{id, http_method::get, {query, {}, {}, address}, draw()});
  return id;
}

void stage::post(const std::string& query, std::string_view body) {
  const request_id id = ++last_request_;
  handle(input::request_received{id, http_method::post, {query, {}, text_type, address}, draw()});
  handle(input::body_received{id, body});
}

stage::company stage::create_room(transport_id host) {
  hear(host, create_message());
  const std::string code = text_member(last_text(), "roomCode");
  return {
      code,
      R"(42["session:join",{"roomCode":")" + code + R"(","name":"Robert","instrument":"cello"}])",
      R"(42["session:leave",{"roomCode":")" + code + R"("}])"};
}

void stage::handle(const input::any& input) {
  constexpr instant_ms now = 1000;
  core_->handle(now, input);
  for (;;) {
    output::any output = core_->poll_output();
    if (auto* sent = std::get_if<output::send_frame>(&output)) {
      sent_bytes_ += sent->data.bytes().size();
      last_ = std::move(sent->data);
    } else if (auto* answer = std::get_if<output::respond>(&output)) {
      sent_bytes_ += answer->body.size();
      if (answer->body != "ok") last_ = frame::text(std::move(answer->body));
    } else if (std::holds_alternative<output::wait_until>(output)) {
      return;
    }
  }
}

entropy stage::draw() {
  entropy bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
  return bytes;
}

std::string text_member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = json.find(key);
  if (at == std::string_view::npos) std::abort();
  const std::string_view rest = json.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::string_view played_event() {
  return R"(42["session:event",{"type":"note","data":{"from":"00017","seq":"00000042",)"
         R"("at":"000012345678901","pad":"~~~~~~~~~~~~~~~~~~~~~~~"}}])";
}

std::string create_message() {
  return R"(42["session:create",{"name":"Clara","instrument":"piano"}])";
}

}  // namespace downbeat::bench
