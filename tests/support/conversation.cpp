#include "support/conversation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace downbeat::test {
namespace {

constexpr std::int64_t long_enough_ms = 3'600'000;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty() || pattern.back() != '*') return text == pattern;
  pattern.remove_suffix(1);
  return text.substr(0, pattern.size()) == pattern;
}

}  // namespace

/// The client of one run, and what it has received.
struct conversation::peer {
  explicit peer(std::unique_ptr<engine> core) : line(std::move(core)) {}

  std::string fill(std::string text) const {
    replace_all(text, "{sid}", sid);
    replace_all(text, "{id}", id);
    return text;
  }

  void learn(std::string_view text) {
    if (text.substr(0, 2) == "0{" || text.substr(0, 6) == "200 0{") sid = member_of(text, "sid");
    if (const auto at = text.find("40{"); at != std::string_view::npos) {
      id = member_of(text.substr(at), "sid");
    }
  }

  transport_id websocket(std::size_t back) const {
    return websockets.at(websockets.size() - 1 - back);
  }
  request_id request(std::size_t back) const { return requests.at(requests.size() - 1 - back); }

  /// The bystander answers every ping, so that it outlives all timeouts.
  void wait(std::int64_t ms) {
    for (; ms > 0; ms -= 1'000) {
      line.advance(std::min<std::int64_t>(ms, 1'000));
      if (!bystander) continue;
      for (const std::string& text : line.sent(*bystander)) {
        // The server may close a bystander that never joins a namespace.
        if (!line.is_open(*bystander)) break;
        CHECK(text == "2");
        line.receive(*bystander, "3");
      }
    }
  }

  wire line;
  std::optional<transport_id> bystander;
  std::vector<transport_id> websockets;
  std::vector<request_id> requests;
  std::string sid;
  std::string id;
};

conversation& conversation::then(std::string what, std::function<void(peer&)> act) {
  steps_.emplace_back(std::move(what), std::move(act));
  return *this;
}

conversation& conversation::opens_websocket(std::string query) {
  return then("opens a WebSocket with " + query,
              [query](peer& p) { p.websockets.push_back(p.line.open_websocket(p.fill(query))); });
}

conversation& conversation::sends(std::string text, std::size_t back) {
  return then("sends " + text,
              [text, back](peer& p) { p.line.receive(p.websocket(back), p.fill(text)); });
}

conversation& conversation::sends_binary(std::string bytes, std::size_t back) {
  return then("sends a binary message",
              [bytes, back](peer& p) { p.line.receive_binary(p.websocket(back), bytes); });
}

conversation& conversation::sends_too_much(std::size_t back) {
  return then("sends a message that is too large",
              [back](peer& p) { p.line.receive_too_large(p.websocket(back)); });
}

conversation& conversation::loses_websocket(std::size_t back) {
  return then("loses its WebSocket", [back](peer& p) { p.line.lose(p.websocket(back)); });
}

conversation& conversation::gets(std::string query) {
  return then("GETs " + query,
              [query](peer& p) { p.requests.push_back(p.line.get(p.fill(query))); });
}

conversation& conversation::posts(std::string body, std::string query) {
  return then("POSTs " + body, [body, query](peer& p) {
    p.requests.push_back(p.line.post(p.fill(query), p.fill(body)));
  });
}

conversation& conversation::requests(http_method method, std::string query) {
  return then("requests " + query, [method, query](peer& p) {
    p.requests.push_back(p.line.request(method, p.fill(query)));
  });
}

conversation& conversation::begins_post(std::string content_type, std::string query) {
  return then("begins a POST of " + content_type, [content_type, query](peer& p) {
    p.requests.push_back(p.line.begin_post(p.fill(query), content_type));
  });
}

conversation& conversation::finishes_post(std::string body, std::size_t back) {
  return then("ends its POST with " + body,
              [body, back](peer& p) { p.line.finish_post(p.request(back), p.fill(body)); });
}

conversation& conversation::finishes_post_too_large(std::size_t back) {
  return then("POSTs a body that is too large",
              [back](peer& p) { p.line.finish_post_too_large(p.request(back)); });
}

conversation& conversation::aborts(std::size_t back) {
  return then("aborts its request", [back](peer& p) { p.line.abort(p.request(back)); });
}

conversation& conversation::waits(std::int64_t ms) {
  return then("waits " + std::to_string(ms) + " ms", [ms](peer& p) { p.wait(ms); });
}

conversation& conversation::expects_messages(transcript expected, std::size_t back) {
  return then("expects messages", [expected, back](peer& p) {
    const transcript sent = p.line.sent(p.websocket(back));
    for (const std::string& text : sent) p.learn(text);
    CAPTURE(sent, expected);
    REQUIRE(sent.size() == expected.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      CAPTURE(i);
      CHECK(matches(sent[i], p.fill(expected[i])));
    }
  });
}

conversation& conversation::expects_nothing() {
  return expects_messages({});
}

conversation& conversation::expects_response(std::string expected, std::size_t back) {
  return then("expects the response " + expected, [expected, back](peer& p) {
    const std::string response = p.line.response(p.request(back));
    p.learn(response);
    CAPTURE(response, p.fill(expected));
    CHECK(matches(response, p.fill(expected)));
  });
}

void conversation::run() const {
  peer p(make_engine_());
  for (const auto& [what, act] : steps_) {
    INFO("the peer " << what);
    act(p);
  }
}

void conversation::run_failing_at_every_step() const {
  for (std::size_t steps = 1; steps <= steps_.size(); ++steps) {
    run_failing_after(steps, failure::requests_first);
    run_failing_after(steps, failure::websockets_first);
    run_failing_after(steps, failure::silence);
  }
}

void conversation::run_failing_after(std::size_t steps, failure how) const {
  INFO("the peer fails after step " << steps << ", in which it " << steps_[steps - 1].first);
  CAPTURE(how == failure::silence, how == failure::requests_first);
  peer p(make_engine_());
  p.bystander = p.line.open_websocket();
  p.line.sent(*p.bystander);

  for (std::size_t i = 0; i < steps; ++i) steps_[i].second(p);
  const auto abort_requests = [&p] {
    for (const request_id request : p.requests) p.line.abort(request);
  };
  if (how == failure::requests_first) abort_requests();
  if (how != failure::silence) {
    for (const transport_id websocket : p.websockets) p.line.lose(websocket);
  }
  if (how == failure::websockets_first) abort_requests();

  p.wait(long_enough_ms);
  CHECK(p.line.pending().empty());
  for (const transport_id websocket : p.websockets) CHECK_FALSE(p.line.is_open(websocket));
  CHECK(p.line.measure("connections_polling") == 0);
  CHECK(p.line.measure("connections_websocket") == (p.line.is_open(*p.bystander) ? 1 : 0));

  const transport_id newcomer = p.line.open_websocket();
  const transcript greeting = p.line.sent(newcomer);
  REQUIRE(greeting.size() == 2);
  CHECK(greeting[0] == "<accepted>");
  CHECK(matches(greeting[1], "0{\"sid\":\"*"));
}

}  // namespace downbeat::test
