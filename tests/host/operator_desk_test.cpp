// Operators query a server of several event loops, and get one answer.
#include "operator/operator_desk.hpp"

#include "host/json_member_of.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "jam/make_engine.hpp"
#include "log/logger.hpp"
#include "server/server.hpp"
#include "session/canonical_code.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::test {
namespace {

using host::opcode;
using host::operator_desk;
using nlohmann::json;

constexpr shard_index desk_loops = 3;

std::vector<std::unique_ptr<engine>> jam_in(shard_index count) {
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < count; ++i) cores.push_back(jam::make_engine({}, {i, count}));
  return cores;
}

/// Waits for the answer to the query that `begin` sends.
template <class Begin>
json answer_to(Begin begin) {
  std::promise<std::string> promise;
  auto answer = promise.get_future();
  begin([&](std::string text) { promise.set_value(std::move(text)); });
  REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return json::parse(answer.get());
}

json asked(running_server& server, const json& what) {
  return answer_to([&](auto done) { server.server().query(what.dump(), done); });
}

json ordered(running_server& server, const json& what) {
  return answer_to([&](auto done) { server.server().operate(what.dump(), done); });
}

/// A musician on a WebSocket who has created a session. Connections go to the loops in turn.
struct soloist {
  explicit soloist(const running_server& server) : line(peer::websocket(server.port())) {
    REQUIRE(line.read_frame().data.starts_with("0{"));
    line.send_frame(opcode::text, "40");
    id = json_member_of(line.read_frame().data, "sid");
    line.send_frame(opcode::text, R"(42["session:create",{"name":"Ada"}])");
    code = json_member_of(line.read_frame().data, "roomCode");
  }

  peer line;
  std::string id;
  std::string code;
};

}  // namespace

TEST_CASE("a list of several loops is read page by page, each item once") {
  for (const shard_index count : {shard_index{1}, desk_loops}) {
    CAPTURE(count);
    running_server server({}, jam_in(count));
    std::vector<std::unique_ptr<soloist>> all;
    std::set<std::string> codes;
    for (int i = 0; i < 10; ++i) {
      all.push_back(std::make_unique<soloist>(server));
      codes.insert(all.back()->code);
    }
    REQUIRE(codes.size() == 10);
    for (const int limit : {1, 3, 4, 100}) {
      CAPTURE(limit);
      std::multiset<std::string> seen;
      json what = {{"query", "sessions"}, {"limit", limit}};
      for (int pages = 0; pages < 30; ++pages) {
        const json page = asked(server, what);
        REQUIRE(page.at("ok") == true);
        CHECK(page.at("items").size() <= static_cast<std::size_t>(limit));
        for (const json& item : page.at("items")) seen.insert(item.at("roomCode"));
        if (!page.contains("next")) break;
        what["after"] = page.at("next");
      }
      CHECK(seen == std::multiset<std::string>(codes.begin(), codes.end()));
    }
  }
}

TEST_CASE("empty loops make no empty pages") {
  running_server server({}, jam_in(desk_loops));
  // The first connection goes to the first loop, so that the only session is in the second.
  peer idle = peer::websocket(server.port());
  const soloist ada(server);
  const json page = asked(server, {{"query", "sessions"}});
  REQUIRE(page.at("items").size() == 1);
  CHECK(page.at("items")[0].at("roomCode") == ada.code);
}

TEST_CASE("a session and a participant are found, whichever loop has them") {
  running_server server({}, jam_in(desk_loops));
  std::vector<std::unique_ptr<soloist>> all;
  std::set<shard_index> places;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<soloist>(server));
    places.insert(session::shard_of(*session::canonicalize(all.back()->code), desk_loops));
  }
  REQUIRE(places.size() == desk_loops);
  for (const auto& one : all) {
    const json page = asked(server, {{"query", "participants"}, {"roomCode", one->code}});
    REQUIRE(page.at("items").size() == 1);
    CHECK(page.at("items")[0].at("id") == one->id);
    CHECK_FALSE(page.contains("next"));
  }
  CHECK(
      asked(server, {{"query", "participants"}, {"roomCode", "NONE-00"}}).at("error").at("code") ==
      "not_found");

  for (const auto& one : all) {
    CHECK(ordered(server, {{"command", "close_session"}, {"roomCode", one->code}}) ==
          json{{"ok", true}, {"disconnected", 1}});
    CHECK(one->line.read_frame().data == "41");
    CHECK(ordered(server, {{"command", "close_session"}, {"roomCode", one->code}})
              .at("error")
              .at("code") == "not_found");
  }
  CHECK(asked(server, {{"query", "sessions"}}).at("items").empty());
}

TEST_CASE("what operators cannot mean is answered with the reason") {
  running_server server({}, jam_in(desk_loops));
  for (const std::string cursor : {"7", "x:1", ":1", "3:1", "-1:1", "1;1", "4294967296:1", "0:x"}) {
    CAPTURE(cursor);
    CHECK(asked(server, {{"query", "sessions"}, {"after", cursor}}).at("error").at("message") ==
          "after must be the next of another page");
  }
  for (const std::string text : {"", "[", "{}", "\xff", "{\"query\":\"songs\"}"}) {
    CHECK(answer_to([&](auto done) { server.server().query(text, done); }).at("error").at("code") ==
          "invalid_request");
    CHECK(
        answer_to([&](auto done) { server.server().operate(text, done); }).at("error").at("code") ==
        "invalid_request");
  }
}

TEST_CASE("an operator's request that nobody answers any more is refused, once") {
  std::map<std::uint64_t, std::string> on_the_way;
  operator_desk desk(2, [&](shard_index, operator_desk::kind, std::uint64_t id, std::string json) {
    on_the_way[id] = std::move(json);
  });
  std::vector<std::string> answers;
  const auto take = [&](std::string answer) { answers.push_back(std::move(answer)); };
  desk.query(R"({"query":"sessions"})", take);
  desk.operate(R"({"command":"close_session","roomCode":"JAM-42"})", take);
  REQUIRE(on_the_way.size() == 2);
  CHECK(answers.empty());
  desk.close();
  REQUIRE(answers.size() == 2);
  for (const std::string& answer : answers) {
    CHECK(json::parse(answer).at("error").at("code") == "stopped");
  }
  // A late answer.
  desk.answered(1, R"({"ok":true,"items":[]})");
  desk.close();
  CHECK(answers.size() == 2);
}

TEST_CASE("a page that a loop fills to its end is followed by the next loop's first") {
  std::vector<std::pair<shard_index, std::string>> asked;
  operator_desk desk(2, [&](shard_index where, operator_desk::kind, std::uint64_t,
                            std::string json) { asked.emplace_back(where, std::move(json)); });
  std::vector<json> answers;
  const auto take = [&](const std::string& answer) { answers.push_back(json::parse(answer)); };

  desk.query(R"({"query":"connections","limit":2})", take);
  desk.answered(1, R"({"ok":true,"items":[1,3],"next":"3"})");
  desk.query(R"({"query":"connections","limit":2,"after":"0:3"})", take);
  desk.answered(2, R"({"ok":true,"items":[5]})");
  desk.query(R"({"query":"connections","limit":2,"after":"1:"})", take);
  desk.answered(3, R"({"ok":true,"items":[2]})");

  REQUIRE(answers.size() == 3);
  CHECK(answers[0].at("next") == "0:3");
  CHECK(answers[1].at("next") == "1:");
  CHECK_FALSE(answers[2].contains("next"));
  CHECK(asked == std::vector<std::pair<shard_index, std::string>>{
                     {0, R"({"query":"connections","limit":2})"},
                     {0, R"({"query":"connections","after":"3","limit":2})"},
                     {1, R"({"query":"connections","limit":2})"}});
}

TEST_CASE("a loop whose last items are gone by now is passed over") {
  std::vector<std::pair<shard_index, std::string>> asked;
  operator_desk desk(2, [&](shard_index where, operator_desk::kind, std::uint64_t,
                            std::string json) { asked.emplace_back(where, std::move(json)); });
  std::vector<json> answers;
  desk.query(R"({"query":"connections","limit":2,"after":"0:3"})",
             [&](const std::string& answer) { answers.push_back(json::parse(answer)); });
  desk.answered(1, R"({"ok":true,"items":[]})");
  CHECK(answers.empty());
  REQUIRE(asked.size() == 2);
  CHECK(asked[1] == std::pair<shard_index, std::string>{1, R"({"query":"connections","limit":2})"});
  desk.answered(2, R"({"ok":true,"items":[2]})");
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == json{{"ok", true}, {"items", {2}}});
}

}  // namespace downbeat::test
