// The whole machine behind a host that keeps its promises, and peers that keep none: the input says
// what they send, byte for byte. Whatever that is, the machine's orders must make sense to the
// host, the sessions must be in order, and nothing may be left when all have gone.

#include "engine.hpp"
#include "frame.hpp"
#include "fuzz/fuzz.hpp"
#include "input.hpp"
#include "jam/application.hpp"
#include "jam/options.hpp"
#include "json/text.hpp"
#include "output.hpp"
#include "socketio_over_engineio.hpp"
#include "support/session_invariants.hpp"
#include "text/utf8.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace downbeat;
using fuzz::must;

namespace {

jam::options small_options() {
  jam::options o;
  o.engineio.ping_interval_ms = 1'000;
  o.engineio.ping_timeout_ms = 800;
  o.engineio.upgrade_timeout_ms = 900;
  o.engineio.close_timeout_ms = 1'500;
  o.engineio.max_queued_bytes = 3'000;
  o.socketio.connect_timeout_ms = 2'500;
  o.socketio.max_attachments = 3;
  o.session.max_participants = 3;
  o.session.max_sessions = 4;
  o.max_event_bytes = 300;
  o.max_depth = 6;
  o.max_events_per_second = 5;
  return o;
}

constexpr std::array<std::string_view, 3> addresses = {"192.0.2.1", "192.0.2.2", ""};

/// The beginnings of packets, so that the fuzzer need not find out each letter.
constexpr std::array<std::string_view, 14> beginnings = {
    "",
    "40",
    "4",
    "42[\"session:create\",{\"name\":\"",
    "421[\"session:create\",{\"name\":\"A\"}]",
    "42[\"session:leave\",{\"roomCode\":\"",
    "422[\"session:update\",{\"name\":\"",
    "42[\"session:event\",{\"type\":\"t\",\"data\":",
    "451-[\"session:event\",{\"type\":\"t\",\"data\":{\"_placeholder\":true,\"num\":0}}]",
    "452-[\"session:event\",{\"type\":\"t\",\"data\":[{\"_placeholder\":true,\"num\":",
    "2probe",
    "5",
    "3",
    "41",
};
constexpr std::string_view join = "423[\"session:join\",{\"name\":\"B\",\"roomCode\":\"";

class stage {
 public:
  explicit stage(FuzzedDataProvider& script) : script_(script), options_(small_options()) {
    core_ = std::make_unique<engine>(
        options_.engineio,
        socketio_over_engineio(
            options_.socketio, [this](socketio::server& server, output_queue& outputs) {
              auto made = std::make_unique<jam::application>(options_, server, outputs);
              application_ = made.get();
              return made;
            }));
  }

  void play() {
    while (script_.remaining_bytes() > 0) act();
    end();
  }

 private:
  void act() {
    switch (script_.ConsumeIntegralInRange<int>(0, 15)) {
      case 0: {
        const transport_id id = ++last_id_;
        asked_ = id;
        const std::string query = make_query("EIO=4&transport=websocket");
        handle(input::websocket_requested{id, head(query), draw()});
        must(!asked_, "a WebSocket is accepted or refused in the step that asks for it");
        return;
      }
      case 1: return request(http_method::get);
      case 2: return request(http_method::post);
      case 3: return request(script_.ConsumeBool() ? http_method::options : http_method::other);
      case 4:
        if (const auto which = pick(posts_)) {
          posts_.erase(*which);
          const std::string body = make_body();
          handle(input::body_received{*which, body});
          must(requests_.count(*which) == 0, "a POST is answered once its body has come");
        }
        return;
      case 5:
        if (const auto which = pick(posts_)) {
          posts_.erase(*which);
          handle(input::body_too_large{*which});
          must(requests_.count(*which) == 0, "a POST is answered once its body is too large");
        }
        return;
      case 6:
        if (const auto which = pick(requests_)) {
          posts_.erase(*which);
          requests_.erase(*which);
          handle(input::request_aborted{*which});
        }
        return;
      case 7:
        if (const auto which = pick(open_)) {
          open_.erase(*which);
          handle(input::transport_closed{*which});
        }
        return;
      case 8:
        if (const auto which = pick(open_)) handle(input::frame_too_large{*which});
        return;
      case 9: return handle(input::deadline_reached{});
      case 10: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), true);
      case 11: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), false);
      case 12:
        if (script_.ConsumeIntegralInRange<int>(0, 31) == 0) handle(input::shutdown_requested{});
        return;
      default:
        if (const auto which = pick(open_)) {
          const std::string data = make_packet();
          const bool is_binary = script_.ConsumeIntegralInRange<int>(0, 7) == 0;
          handle(input::frame_received{*which, is_binary, data});
        }
    }
  }

  void request(http_method method) {
    const request_id id = ++last_id_;
    requests_.insert(id);
    if (method == http_method::post) posts_.insert(id);
    const std::string query = make_query("EIO=4&transport=polling");
    handle(input::request_received{id, method, head(query), draw()});
    if (method == http_method::options || method == http_method::other) {
      must(requests_.count(id) == 0, "what is neither GET nor POST is answered at once");
    }
  }

  void end() {
    while (!open_.empty()) {
      const transport_id id = *open_.begin();
      open_.erase(id);
      handle(input::transport_closed{id});
    }
    while (!requests_.empty()) {
      const request_id id = *requests_.begin();
      requests_.erase(id);
      posts_.erase(id);
      handle(input::request_aborted{id});
    }
    pass(10'000, true);
    must(!deadline_, "no deadline is left");
    must(users_.empty(), "nobody is left");
    for (const measurement& m : core_->measure()) {
      must(m.is_counter || m.value == 0, "something is left: " + std::string(m.name));
    }
  }

  void pass(std::int64_t ms, bool is_awake) {
    const instant_ms end = now_ + ms;
    for (int i = 0; is_awake && deadline_ && *deadline_ <= end; ++i) {
      must(i < 1'000, "time goes on");
      now_ = std::max(now_, *deadline_);
      handle(input::deadline_reached{});
    }
    now_ = end;
  }

  void handle(const input::any& fact) {
    core_->handle(now_, fact);
    for (;;) {
      const output::any order = core_->poll_output();
      if (const auto* wait = std::get_if<output::wait_until>(&order)) {
        deadline_ = wait->deadline;
        break;
      }
      std::visit([this](const auto& o) { carry_out(o); }, order);
    }
    const std::string broken = session::test::broken_invariant(
        application_->sessions(), options_.session,
        std::vector<session::user_id>(users_.begin(), users_.end()));
    must(broken.empty(), broken);
  }

  void carry_out(const output::accept_websocket& o) {
    must(asked_ == o.transport, "only who asks is accepted");
    asked_.reset();
    open_.insert(o.transport);
  }
  void carry_out(const output::refuse_websocket& o) {
    must(asked_ == o.transport, "only who asks is refused");
    must(o.status >= 400, "a refusal is an error");
    asked_.reset();
  }
  void carry_out(const output::send_frame& o) {
    must(open_.count(o.transport) == 1, "only what is open is sent to");
    if (!o.data.is_binary()) hear(o.data.bytes());
  }
  void carry_out(const output::close_transport& o) {
    must(open_.erase(o.transport) == 1, "only what is open is closed");
  }
  void carry_out(const output::respond& o) {
    must(requests_.erase(o.request) == 1, "only what is asked is answered");
    posts_.erase(o.request);
    if (o.status == 200) hear(o.body);
  }
  void carry_out(const output::cut_request& o) {
    must(requests_.erase(o.request) == 1, "only what is asked is cut");
    posts_.erase(o.request);
  }
  void carry_out(const output::report& o) {
    const notice& what = *o.what;
    if (what.what == notice::kind::client_connected) users_.insert(what.user);
    if (what.what == notice::kind::client_disconnected) users_.erase(what.user);
    if (what.what == notice::kind::session_created) codes_.push_back(what.room);
  }
  void carry_out(const output::wait_until&) {}
  void carry_out(const output::tell_shard&) { must(false, "who is alone tells nobody"); }
  void carry_out(const output::move_connection&) { must(false, "who is alone keeps a connection"); }
  void carry_out(const output::forward_request&) { must(false, "who is alone keeps a request"); }
  void carry_out(const output::forward_websocket&) {
    must(false, "who is alone keeps a WebSocket");
  }

  void hear(std::string_view text) {
    must(utf8::is_valid(text), "what is sent as text is UTF-8");
    if (text.starts_with("0{")) {
      const auto sid = json::member(text.substr(1, text.find('}')), "sid");
      if (sid) sids_.emplace_back(sid->substr(1, sid->size() - 2));
    }
  }

  template <class Id>
  std::optional<Id> pick(const std::set<Id>& from) {
    if (from.empty()) return std::nullopt;
    return *std::next(from.begin(), script_.ConsumeIntegralInRange<std::ptrdiff_t>(
                                        0, static_cast<std::ptrdiff_t>(from.size()) - 1));
  }

  std::string pick(const std::vector<std::string>& from) {
    if (from.empty()) return "x";
    return from[script_.ConsumeIntegralInRange<std::size_t>(0, from.size() - 1)];
  }

  std::string make_query(std::string query) {
    switch (script_.ConsumeIntegralInRange<int>(0, 7)) {
      case 0: return query;
      case 1: return query + "&b64=1&sid=" + pick(sids_);
      case 2: return script_.ConsumeRandomLengthString(40);
      case 3: return query + "&" + script_.ConsumeRandomLengthString(20);
      default: return sids_.empty() ? query : query + "&sid=" + pick(sids_);
    }
  }

  std::string make_packet() {
    const auto which = script_.ConsumeIntegralInRange<std::size_t>(0, beginnings.size() + 1);
    std::string text;
    if (which >= beginnings.size()) {
      text = std::string(join) + pick(codes_) + "\"}]";
    } else {
      text = beginnings[which];
    }
    if (script_.ConsumeBool()) text += script_.ConsumeRandomLengthString(400);
    if (script_.ConsumeBool()) text += "\"}]";
    return text;
  }

  std::string make_body() {
    std::string body;
    for (int i = script_.ConsumeIntegralInRange<int>(0, 4); i > 0; --i) {
      body += make_packet();
      if (i > 1) body += '\x1e';
    }
    return body;
  }

  request_head head(std::string_view query) {
    origin_ = script_.ConsumeIntegralInRange<int>(0, 15) == 0
                  ? script_.ConsumeRandomLengthString(10)
                  : std::string();
    const std::string_view type =
        script_.ConsumeIntegralInRange<int>(0, 15) == 0 ? "application/octet-stream" : "text/plain";
    return {query, origin_, type, script_.PickValueInArray(addresses)};
  }

  entropy draw() {
    entropy fresh;
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
    return fresh;
  }

  FuzzedDataProvider& script_;
  jam::options options_;
  const jam::application* application_ = nullptr;
  std::unique_ptr<engine> core_;
  instant_ms now_ = 0;
  std::optional<instant_ms> deadline_;
  splitmix64 random_{1};
  std::uint64_t last_id_ = 0;
  std::string origin_;
  std::optional<transport_id> asked_;
  std::set<transport_id> open_;
  std::set<request_id> requests_;
  std::set<request_id> posts_;  ///< whose bodies are on their way
  std::set<std::string> users_;
  std::vector<std::string> sids_;
  std::vector<std::string> codes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider script(data, size);
  stage(script).play();
  return 0;
}
