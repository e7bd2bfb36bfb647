// The whole machine behind a host that keeps its promises, and peers that keep none: the input says
// what they send, byte for byte, and in how many shards the machine is, and when they hear of each
// other. Whatever that is, the machine's orders must make sense to the host, the sessions must be
// in order, and nothing may be left when all have gone.

#include "fuzz/fuzz.hpp"
#include "input.hpp"
#include "jam/options.hpp"
#include "json/text.hpp"
#include "output.hpp"
#include "support/jam_shards.hpp"
#include "support/post_office.hpp"
#include "support/session_invariants.hpp"
#include "support/tight_options.hpp"
#include "text/utf8.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using namespace downbeat;
using fuzz::must;

namespace {

jam::options queueing_options() {
  jam::options o = test::tight_options();
  o.engineio.max_queued_bytes = 3'000;
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
  explicit stage(FuzzedDataProvider& script)
      : script_(script),
        shards_(script.ConsumeIntegralInRange<shard_index>(1, 3)),
        options_(queueing_options()),
        server_(options_, shards_),
        office_(shards_,
                [this](shard_index where, const input::any& fact) { handle(where, fact); }),
        deadlines_(shards_) {}

  void play() {
    while (script_.remaining_bytes() > 0) act();
    end();
  }

 private:
  void act() {
    if (script_.ConsumeBool()) deliver_one();
    switch (script_.ConsumeIntegralInRange<int>(0, 15)) {
      case 0: {
        const transport_id id = ++last_id_;
        asked_.insert(id);
        office_.ask_for_websocket(some_shard(), id, head(http_method::get, "websocket"));
        must(asked_.count(id) == 0 || office_.is_travelling(id),
             "a WebSocket is accepted or refused in the step that asks for it");
        return;
      }
      case 1: return request(http_method::get);
      case 2: return request(http_method::post);
      case 3: return request(script_.ConsumeBool() ? http_method::options : http_method::other);
      case 4:
        if (const auto which = pick(posts_)) {
          posts_.erase(*which);
          const std::string body = make_body();
          office_.tell(input::body_received{*which, body});
          must(!office_.is_open(*which) || office_.is_travelling(*which),
               "a POST is answered once its body has come");
        }
        return;
      case 5:
        if (const auto which = pick(posts_)) {
          posts_.erase(*which);
          office_.tell(input::body_too_large{*which});
          must(!office_.is_open(*which) || office_.is_travelling(*which),
               "a POST is answered once its body is too large");
        }
        return;
      case 6:
        if (const auto which = pick(requests_)) {
          posts_.erase(*which);
          requests_.erase(*which);
          office_.tell(input::request_aborted{*which});
        }
        return;
      case 7:
        if (const auto which = pick(open_)) {
          open_.erase(*which);
          office_.tell(input::transport_closed{*which});
        }
        return;
      case 8:
        if (const auto which = pick(open_)) office_.tell(input::frame_too_large{*which});
        return;
      case 9: return handle(some_shard(), input::deadline_reached{});
      case 10: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), true);
      case 11: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), false);
      case 12:
        switch (script_.ConsumeIntegralInRange<int>(0, 31)) {
          case 0: return handle(some_shard(), input::shutdown_requested{});
          case 1: return handle(some_shard(), input::drain_requested{1'000});
          default: return deliver_one();
        }
      default:
        if (const auto which = pick(open_)) {
          const std::string data = make_packet();
          const bool is_binary = script_.ConsumeIntegralInRange<int>(0, 7) == 0;
          office_.tell(input::frame_received{*which, is_binary, data});
        }
    }
  }

  void request(http_method method) {
    const request_id id = ++last_id_;
    requests_.insert(id);
    if (method == http_method::post) posts_.insert(id);
    office_.ask(some_shard(), id, head(method, "polling"));
    if (method == http_method::options || method == http_method::other) {
      must(!office_.is_open(id) || office_.is_travelling(id),
           "what is neither GET nor POST is answered at once");
    }
  }

  void end() {
    while (!open_.empty()) {
      const transport_id id = *open_.begin();
      open_.erase(id);
      office_.tell(input::transport_closed{id});
    }
    while (!requests_.empty()) {
      const request_id id = *requests_.begin();
      requests_.erase(id);
      posts_.erase(id);
      office_.tell(input::request_aborted{id});
    }
    deliver_all();
    // Those that had been asked for are accepted only now.
    for (const transport_id id : std::exchange(open_, {})) {
      office_.tell(input::transport_closed{id});
    }
    for (int i = 0; i < 10; ++i) {
      pass(1'000, true);
      deliver_all();
    }
    must(asked_.empty(), "everybody is answered");
    must(users_.empty(), "nobody is left");
    for (shard_index i = 0; i < shards_; ++i) {
      must(!deadlines_[i], "no deadline is left");
      for (const measurement& m : server_.engines[i]->measure()) {
        must(m.is_counter || m.value == 0, "something is left: " + std::string(m.name));
      }
    }
  }

  std::optional<instant_ms> deadline() const {
    std::optional<instant_ms> soonest;
    for (const auto& each : deadlines_) {
      if (each && (!soonest || *each < *soonest)) soonest = each;
    }
    return soonest;
  }

  void pass(std::int64_t ms, bool is_awake) {
    const instant_ms end = now_ + ms;
    for (int i = 0; is_awake; ++i) {
      const auto next = deadline();
      if (!next || *next > end) break;
      must(i < 1'000, "time goes on");
      now_ = std::max(now_, *next);
      for (shard_index at = 0; at < shards_; ++at) {
        if (deadlines_[at] && *deadlines_[at] <= now_) handle(at, input::deadline_reached{});
      }
    }
    now_ = end;
  }

  shard_index some_shard() {
    return shards_ == 1 ? 0 : script_.ConsumeIntegralInRange<shard_index>(0, shards_ - 1);
  }

  void deliver_one() {
    const auto ways = office_.ways();
    if (ways.empty()) return;
    const auto& [from, to] = ways[script_.ConsumeIntegralInRange<std::size_t>(0, ways.size() - 1)];
    office_.deliver(from, to);
  }

  void deliver_all() {
    for (int i = 0; office_.has_mail(); ++i) {
      must(i < 10'000, "the shards come to an end");
      deliver_one();
    }
  }

  void handle(shard_index where, const input::any& fact) {
    engine& core = *server_.engines[where];
    core.handle(now_, fact);
    for (;;) {
      output::any order = core.poll_output();
      if (const auto* wait = std::get_if<output::wait_until>(&order)) {
        deadlines_[where] = wait->deadline;
        break;
      }
      if (!office_.take(where, order)) {
        std::visit([this](const auto& o) { carry_out(o); }, order);
      }
      must(office_.complaint().empty(), office_.complaint());
    }
    const std::string broken = session::test::broken_invariant(
        server_.sessions(), options_.session,
        std::vector<session::user_id>(users_.begin(), users_.end()));
    must(broken.empty(), broken);
  }

  void carry_out(const output::accept_websocket& o) {
    must(asked_.erase(o.transport) == 1, "only who asks is accepted");
    open_.insert(o.transport);
  }
  void carry_out(const output::refuse_websocket& o) {
    must(asked_.erase(o.transport) == 1, "only who asks is refused");
    must(o.status >= 400, "a refusal is an error");
  }
  void carry_out(const output::send_frame& o) {
    must(open_.count(o.transport) == 1 || office_.is_leaving(o.transport),
         "only what is open is sent to");
    if (!o.data.is_binary()) hear(o.data.bytes());
  }
  void carry_out(const output::close_transport& o) { open_.erase(o.transport); }
  void carry_out(const output::respond& o) {
    requests_.erase(o.request);
    posts_.erase(o.request);
    if (o.status == 200) hear(o.body);
  }
  void carry_out(const output::cut_request& o) {
    requests_.erase(o.request);
    posts_.erase(o.request);
  }
  void carry_out(const output::report& o) {
    const notice& what = *o.what;
    if (what.what == notice::kind::client_connected) {
      must(users_.insert(what.user).second, "no two have the same id");
    }
    if (what.what == notice::kind::client_disconnected) users_.erase(what.user);
    if (what.what == notice::kind::session_created) codes_.push_back(what.room);
  }
  // What is between shards is a letter by now.
  template <class Order>
  void carry_out(const Order&) {}

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

  test::request_copy head(http_method method, std::string_view transport) {
    const std::string query = make_query("EIO=4&transport=" + std::string(transport));
    const std::string origin = script_.ConsumeIntegralInRange<int>(0, 15) == 0
                                   ? script_.ConsumeRandomLengthString(10)
                                   : std::string();
    const std::string_view type =
        script_.ConsumeIntegralInRange<int>(0, 15) == 0 ? "application/octet-stream" : "text/plain";
    return {
        method, query, origin, std::string(type), std::string(script_.PickValueInArray(addresses)),
        draw()};
  }

  entropy draw() {
    entropy fresh;
    for (auto& byte : fresh) byte = static_cast<std::uint8_t>(random_.next());
    return fresh;
  }

  FuzzedDataProvider& script_;
  shard_index shards_;
  jam::options options_;
  test::jam_shards server_;
  test::post_office office_;
  instant_ms now_ = 0;
  std::vector<std::optional<instant_ms>> deadlines_;  ///< of each shard
  splitmix64 random_{1};
  std::uint64_t last_id_ = 0;
  std::set<transport_id> asked_;  ///< WebSockets that are neither accepted nor refused
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
