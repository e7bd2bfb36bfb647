// The whole machine behind a host that keeps its promises, with clients that may send anything. The
// input decides what they send, the number of shards, and when messages between shards arrive.
// Rooms are in memory, or in a journal that is slow, fails, conflicts, or forgets. For every input,
// the outputs must make sense to the host, the invariants of sessions must hold, and nothing may be
// left when all clients have gone.

#include "fuzz/fuzz.hpp"
#include "input.hpp"
#include "jam/options.hpp"
#include "jam/settings.hpp"
#include "json/text.hpp"
#include "output.hpp"
#include "support/jam_shards.hpp"
#include "support/session_invariants.hpp"
#include "support/tight_options.hpp"
#include "support/virtual_host.hpp"
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

jam::options queueing_options(bool is_journaled) {
  jam::options o = test::tight_options();
  o.engineio.max_queued_bytes = 3'000;
  if (is_journaled) o.journal = jam::journal_kind::host;
  return o;
}

constexpr std::array<std::string_view, 3> addresses = {"192.0.2.1", "192.0.2.2", ""};

/// Beginnings of packets, so that the fuzzer does not have to find them letter by letter.
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
constexpr std::uint64_t never_appended = 1'000'000'000'000;
constexpr std::string_view join = "423[\"session:join\",{\"name\":\"B\",\"roomCode\":\"";

class stage final : private test::virtual_host::observer {
 public:
  explicit stage(FuzzedDataProvider& script)
      : stage(script, script.ConsumeIntegralInRange<shard_index>(0, 5)) {}

  void play() {
    while (script_.remaining_bytes() > 0) act();
    end();
  }

 private:
  stage(FuzzedDataProvider& script, shard_index kind)
      : script_(script),
        shards_(kind % 3 + 1),
        options_(queueing_options(kind >= 3)),
        server_(options_, shards_),
        host_(std::move(server_.engines), *this) {}

  void act() {
    if (script_.ConsumeBool()) deliver_one();
    if (options_.journal == jam::journal_kind::host && script_.ConsumeBool()) use_journal();
    switch (script_.ConsumeIntegralInRange<int>(0, 15)) {
      case 0: {
        const transport_id id = ++last_id_;
        asked_.insert(id);
        host_.peers().ask_for_websocket(some_shard(), id, head(http_method::get, "websocket"));
        must(asked_.count(id) == 0 || host_.peers().is_in_transit(id),
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
          host_.peers().give(input::body_received{*which, body});
        }
        return;
      case 5:
        if (const auto which = pick(posts_)) {
          posts_.erase(*which);
          host_.peers().give(input::body_too_large{*which});
          must(!host_.peers().is_open(*which) || host_.peers().is_in_transit(*which),
               "a POST is answered once its body is too large");
        }
        return;
      case 6:
        if (const auto which = pick(requests_)) {
          posts_.erase(*which);
          requests_.erase(*which);
          host_.peers().give(input::request_aborted{*which});
        }
        return;
      case 7:
        if (const auto which = pick(open_)) {
          open_.erase(*which);
          host_.peers().give(input::transport_closed{*which});
        }
        return;
      case 8:
        if (const auto which = pick(open_)) host_.peers().give(input::frame_too_large{*which});
        return;
      case 9: return handle(some_shard(), input::deadline_reached{});
      case 10: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), true);
      case 11: return pass(script_.ConsumeIntegralInRange<std::int64_t>(0, 3'000), false);
      case 12:
        switch (script_.ConsumeIntegralInRange<int>(0, 31)) {
          case 0: return handle(some_shard(), input::shutdown_requested{});
          case 1: return handle(some_shard(), input::drain_requested{1'000});
          case 2:
          case 3: return reload();
          case 4: return operate();
          default: return deliver_one();
        }
      default:
        if (const auto which = pick(open_)) {
          const std::string data = make_packet();
          const bool is_binary = script_.ConsumeIntegralInRange<int>(0, 7) == 0;
          host_.peers().give(input::frame_received{*which, is_binary, data});
        }
    }
  }

  /// The host passes on the journal's answers, or an answer that the journal did not give.
  void use_journal() {
    using outcome = input::append_answered::outcome;
    switch (script_.ConsumeIntegralInRange<int>(0, 15)) {
      case 0: {
        jam::journal_faults faults;
        faults.delay_ms = script_.ConsumeIntegralInRange<std::int64_t>(0, 7'000);
        faults.fails = script_.ConsumeBool();
        faults.is_unknown = script_.ConsumeBool();
        faults.conflicts = script_.ConsumeBool();
        // Otherwise retries could go on forever without time passing.
        if (faults.conflicts) faults.delay_ms = std::max<std::int64_t>(faults.delay_ms, 100);
        host_.journal(some_shard()).set_faults(faults);
        return;
      }
      case 1: {
        // The answer to an append that no longer waits.
        const std::string anything = script_.ConsumeRandomLengthString(40);
        const auto how = static_cast<outcome>(script_.ConsumeIntegralInRange<int>(0, 3));
        return handle(some_shard(), input::append_answered{never_appended, how, anything});
      }
      default: return host_.answer_appends();
    }
  }

  /// Changes one setting, or sends a text that no options file leads to.
  void reload() {
    std::string json;
    if (script_.ConsumeIntegralInRange<int>(0, 7) == 0) {
      json = script_.ConsumeRandomLengthString(60);
    } else {
      const auto all = jam::settings();
      const auto& which = all[script_.ConsumeIntegralInRange<std::size_t>(0, all.size() - 1)];
      jam::options to = options_;
      which.in(to) = script_.ConsumeIntegralInRange<std::int64_t>(which.least, 3'000);
      json = jam::write_options(to);
    }
    handle(some_shard(), input::options_changed{json});
  }

  /// An operator sends a query or a command, valid or not; or the wall clock is set.
  void operate() {
    switch (script_.ConsumeIntegralInRange<int>(0, 5)) {
      case 0:
        return handle(some_shard(), input::clock{script_.ConsumeIntegralInRange<std::int64_t>(
                                        0, (std::int64_t{1} << 53) - 1)});
      case 1: {
        const std::string anything = script_.ConsumeRandomLengthString(40);
        return ask(input::query{++last_id_, anything});
      }
      case 2: {
        const std::string anything = script_.ConsumeRandomLengthString(40);
        return ask(input::operator_command{++last_id_, anything});
      }
      case 3: return ask(input::query{++last_id_, R"({"query":"sessions","after":"1","limit":1})"});
      case 4: {
        const std::string close =
            "{\"command\":\"close_session\",\"roomCode\":" + json::quote(pick(codes_)) + "}";
        return ask(input::operator_command{++last_id_, close});
      }
      default: {
        if (users_.empty()) return;
        const std::string kick = "{\"command\":\"disconnect_participant\",\"participantId\":\"" +
                                 *users_.begin() + "\"}";
        return ask(input::operator_command{++last_id_, kick});
      }
    }
  }

  void ask(const input::any& what) {
    ++unanswered_;
    handle(some_shard(), what);
    must(unanswered_ == 0, "operators are answered at once");
  }

  void request(http_method method) {
    const request_id id = ++last_id_;
    requests_.insert(id);
    if (method == http_method::post) posts_.insert(id);
    host_.peers().ask(some_shard(), id, head(method, "polling"));
    if (method == http_method::options || method == http_method::other) {
      must(!host_.peers().is_open(id) || host_.peers().is_in_transit(id),
           "what is neither GET nor POST is answered at once");
    }
  }

  void end() {
    while (!open_.empty()) {
      const transport_id id = *open_.begin();
      open_.erase(id);
      host_.peers().give(input::transport_closed{id});
    }
    while (!requests_.empty()) {
      const request_id id = *requests_.begin();
      requests_.erase(id);
      posts_.erase(id);
      host_.peers().give(input::request_aborted{id});
    }
    for (jam::memory_journal& journal : host_.journals()) journal.set_faults({});
    deliver_all();
    // Those that had been asked for are accepted only now.
    for (const transport_id id : std::exchange(open_, {})) {
      host_.peers().give(input::transport_closed{id});
    }
    for (int i = 0; i < 10; ++i) {
      pass(1'000, true);
      deliver_all();
    }
    must(asked_.empty(), "everybody is answered");
    must(users_.empty(), "nobody is left");
    for (shard_index i = 0; i < shards_; ++i) {
      must(!host_.deadline(i), "no deadline is left");
      must(host_.journal(i).room_count() == 0, "no room is left in the journal");
      for (const measurement& m : host_.core(i).measure(host_.now())) {
        must(m.is_counter || m.value == 0, "something is left: " + std::string(m.name));
      }
    }
  }

  void pass(std::int64_t ms, bool is_awake) {
    if (!is_awake) return host_.sleep_until(host_.now() + ms);
    int stops = 0;
    host_.pass(ms, [&] {
      must(++stops < 1'000, "time goes on");
      return true;
    });
  }

  shard_index some_shard() {
    return shards_ == 1 ? 0 : script_.ConsumeIntegralInRange<shard_index>(0, shards_ - 1);
  }

  void deliver_one() {
    host_.deliver_one([this](std::size_t ways) {
      return script_.ConsumeIntegralInRange<std::size_t>(0, ways - 1);
    });
  }

  void deliver_all() {
    for (int i = 0; host_.peers().has_messages(); ++i) {
      must(i < 10'000, "the shards come to an end");
      deliver_one();
    }
  }

  void handle(shard_index where, const input::any& input) { host_.handle(where, input); }

  void on_output(shard_index, const output::any& output) override {
    must(!std::holds_alternative<output::append>(output) ||
             options_.journal == jam::journal_kind::host,
         "in memory nothing is appended");
  }
  void carry_out(shard_index, output::any& output) override {
    std::visit([this](const auto& o) { carry_out(o); }, output);
  }
  void on_complaint(const std::string& what) override { must(false, what); }

  void on_drained(shard_index where) override {
    const std::string broken = session::test::broken_invariant(
        // Lowering a limit removes nobody.
        server_.sessions(), session::limits{0, 0},
        std::vector<session::user_id>(users_.begin(), users_.end()));
    must(broken.empty(), broken);
    for (const auto& [bytes, limit] : host_.core(where).retained_bytes()) {
      must(!limit || bytes <= *limit, "what is kept for a client has a bound");
    }
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
    must(open_.count(o.transport) == 1 || host_.peers().is_leaving(o.transport),
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
  void carry_out(const output::answer& o) {
    --unanswered_;
    must(utf8::is_valid(o.json) && json::check(o.json).has_value(), "an answer is JSON");
  }
  // Outputs between shards are messages already.
  template <class Output>
  void carry_out(const Output&) {}

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
  test::virtual_host host_;
  splitmix64 random_{1};
  std::uint64_t last_id_ = 0;
  int unanswered_ = 0;            ///< of what operators have asked
  std::set<transport_id> asked_;  ///< WebSockets that are neither accepted nor refused
  std::set<transport_id> open_;
  std::set<request_id> requests_;
  std::set<request_id> posts_;  ///< whose bodies have not arrived yet
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
