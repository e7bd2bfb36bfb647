// Queries and commands of operators.
#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::jam::test {
namespace {

using nlohmann::json;

json asked(wire& line, const json& what) {
  return json::parse(line.query(what.dump()));
}

json commanded(wire& line, const json& what) {
  return json::parse(line.operate(what.dump()));
}

/// All items of a list, page by page; `between` is called after each page.
template <class Between>
std::vector<json> all_of(wire& line, json what, int limit, Between between) {
  std::vector<json> all;
  what["limit"] = limit;
  for (int pages = 0; pages < 1'000; ++pages) {
    const json page = asked(line, what);
    REQUIRE(page.at("ok") == true);
    REQUIRE(page.at("items").size() <= static_cast<std::size_t>(limit));
    for (const json& item : page.at("items")) all.push_back(item);
    if (!page.contains("next")) return all;
    REQUIRE(page.at("items").size() == static_cast<std::size_t>(limit));
    what["after"] = page.at("next");
    between();
  }
  FAIL("the pages have no end");
  return all;
}

std::vector<json> all_of(wire& line, const json& what, int limit) {
  return all_of(line, what, limit, [] {});
}

std::string error_of(const json& answer) {
  CHECK(answer.at("ok") == false);
  return answer.at("error").at("code").get<std::string>() + ": " +
         answer.at("error").at("message").get<std::string>();
}

}  // namespace

TEST_CASE("sessions are listed in the order of their creation, whatever the pages' size") {
  jam_stage stage({}, 1);
  CHECK(asked(stage.line, {{"query", "sessions"}}).dump() == R"({"items":[],"ok":true})");
  std::vector<std::unique_ptr<musician>> hosts;
  std::vector<std::string> codes;
  for (int i = 0; i < 12; ++i) {
    hosts.push_back(std::make_unique<musician>(stage.line));
    codes.push_back(hosts.back()->create("Ada"));
  }
  musician bob(stage.line);
  bob.join(codes[3], "Bob");
  for (const int limit : {1, 2, 3, 5, 11, 12, 13, 1'000}) {
    CAPTURE(limit);
    const auto all = all_of(stage.line, {{"query", "sessions"}}, limit);
    REQUIRE(all.size() == codes.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i] == json{{"roomCode", codes[i]},
                           {"hostId", hosts[i]->id()},
                           {"participants", i == 3 ? 2 : 1}});
    }
  }
}

TEST_CASE("what stays is on one page, whatever comes and goes between them") {
  jam_stage stage({}, 1);
  std::vector<std::unique_ptr<musician>> hosts;
  std::vector<std::string> codes;
  std::map<std::string, int> seen;
  for (int i = 0; i < 30; ++i) {
    hosts.push_back(std::make_unique<musician>(stage.line));
    codes.push_back(hosts.back()->create("Ada"));
    seen[codes.back()] = 0;
  }
  std::size_t leaver = 0;
  std::vector<std::string> left;
  const auto all = all_of(stage.line, {{"query", "sessions"}}, 4, [&] {
    // Every third leaves, of those that were shown and of those that were not.
    if (leaver < codes.size()) {
      hosts[leaver]->leave(codes[leaver]);
      left.push_back(codes[leaver]);
    }
    leaver += 3;
    hosts.push_back(std::make_unique<musician>(stage.line));
    hosts.back()->create("Late");
  });
  for (const json& item : all) {
    const auto found = seen.find(item.at("roomCode").get<std::string>());
    if (found != seen.end()) ++found->second;
  }
  for (const auto& [code, times] : seen) {
    CAPTURE(code);
    if (std::find(left.begin(), left.end(), code) == left.end()) {
      CHECK(times == 1);
    } else {
      CHECK(times <= 1);
    }
  }
}

TEST_CASE("participants of a session are listed, with their place in the order of joining") {
  jam_stage stage({}, 1);
  musician ada(stage.line);
  const std::string code = ada.create("Ada");
  std::vector<std::unique_ptr<musician>> others;
  std::map<std::string, int> places = {{ada.id(), 1}};
  for (int i = 0; i < 6; ++i) {
    others.push_back(std::make_unique<musician>(stage.line));
    others.back()->join(code, "Bob", "bass");
    places[others.back()->id()] = i + 2;
  }
  for (const int limit : {1, 3, 7, 8}) {
    const auto all = all_of(stage.line, {{"query", "participants"}, {"roomCode", code}}, limit);
    REQUIRE(all.size() == places.size());
    auto expected = places.begin();
    for (const json& item : all) {
      CHECK(item.at("id") == expected->first);
      CHECK(item.at("place") == expected->second);
      CHECK(item.at("name") == (expected->second == 1 ? "Ada" : "Bob"));
      CHECK(item.at("instrument") == (expected->second == 1 ? "unknown" : "bass"));
      ++expected;
    }
  }
  CHECK(error_of(asked(stage.line, {{"query", "participants"}, {"roomCode", "NONE-00"}})) ==
        "not_found: there is no session of this code");
}

TEST_CASE("connections are listed in the order of their handshakes") {
  jam_stage stage({}, 1);
  std::vector<std::unique_ptr<musician>> all;
  for (int i = 0; i < 9; ++i) all.push_back(std::make_unique<musician>(stage.line));
  const auto listed = all_of(stage.line, {{"query", "connections"}}, 2);
  REQUIRE(listed.size() == 9);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    CHECK(listed[i].at("connection") == i + 1);
    CHECK(listed[i].at("carriedBy") == "websocket");
  }
}

TEST_CASE("a cursor that was made up is refused") {
  jam_stage stage({}, 1);
  for (const std::string list : {"sessions", "connections"}) {
    for (const std::string cursor : {"x", "1x", "-", "99999999999999999999999"}) {
      CHECK(error_of(asked(stage.line, {{"query", list}, {"after", cursor}})) ==
            "invalid_request: after must be the next of another page");
    }
  }
}

TEST_CASE("a request that cannot be read is answered with the reason, and changes nothing") {
  jam_stage stage({}, 1);
  musician ada(stage.line);
  ada.create("Ada");
  const std::string before = stage.line.core().snapshot();
  for (const std::string text : {"", "{", "null", "\xff", "[1]", "{\"query\":\"x\"}"}) {
    CHECK(error_of(json::parse(stage.line.query(text))).rfind("invalid_request: ", 0) == 0);
    CHECK(error_of(json::parse(stage.line.operate(text))).rfind("invalid_request: ", 0) == 0);
  }
  CHECK(stage.line.core().snapshot() == before);
}

TEST_CASE("an operator disconnects a participant: it gets DISCONNECT, the others user-left") {
  jam_stage stage({}, 1);
  musician ada(stage.line);
  const std::string code = ada.create("Ada");
  musician bob(stage.line);
  bob.join(code, "Bob");
  ada.messages();
  bob.messages();
  CHECK(
      commanded(stage.line, {{"command", "disconnect_participant"}, {"participantId", bob.id()}}) ==
      json{{"ok", true}, {"disconnected", 1}});
  CHECK(bob.messages().front() == "41");
  CHECK_FALSE(bob.is_open());
  CHECK(ada.messages() == transcript{user_left(bob.id())});
  CHECK(error_of(commanded(stage.line,
                           {{"command", "disconnect_participant"}, {"participantId", bob.id()}})) ==
        "not_found: there is no participant of this id");
}

TEST_CASE("a session that an operator closes ends for all, and for nobody else") {
  jam_stage stage({}, 1);
  musician ada(stage.line);
  musician zoe(stage.line);
  const std::string code = ada.create("Ada");
  const std::string other = zoe.create("Zoe");
  musician bob(stage.line);
  musician eve(stage.line);
  bob.join(code, "Bob");
  eve.join(code, "Eve");
  for (musician* one : {&ada, &bob, &eve, &zoe}) one->messages();
  CHECK(commanded(stage.line, {{"command", "close_session"}, {"roomCode", code}}) ==
        json{{"ok", true}, {"disconnected", 3}});
  // Nobody becomes host for a moment.
  CHECK(ada.messages() == transcript{user_left(eve.id()), user_left(bob.id()), "41", "<closed>"});
  CHECK(bob.messages() == transcript{user_left(eve.id()), "41", "<closed>"});
  CHECK(eve.messages() == transcript{"41", "<closed>"});
  CHECK(zoe.messages().empty());
  const json live = asked(stage.line, {{"query", "sessions"}}).at("items");
  REQUIRE(live.size() == 1);
  CHECK(live[0].at("roomCode") == other);
  CHECK(error_of(commanded(stage.line, {{"command", "close_session"}, {"roomCode", code}})) ==
        "not_found: there is no session of this code");
}

}  // namespace downbeat::jam::test
