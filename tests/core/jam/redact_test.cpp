#include "jam/redact.hpp"

#include "trace/player.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace downbeat;

namespace {

/// What happened, with names, words, an address and a query that are nobody's business. The orders
/// are left out: the player fills them in.
std::string told_by(const std::vector<std::string>& facts) {
  trace::player engine(jam::options{});
  std::string text = trace::write_header({}) + '\n';
  for (const std::string& fact : facts) {
    const auto orders = engine.step(fact);
    REQUIRE(std::holds_alternative<std::string>(orders));
    text += fact + '\n' + std::get<std::string>(orders) + '\n';
  }
  return text;
}

std::string entropy_of(char digit) {
  return std::string(64, digit);
}

std::string a_jam() {
  trace::player engine(jam::options{});
  std::vector<std::string> facts = {
      R"(1000 > websocket 1 {"query":"EIO=4&transport=websocket&token=hunter2","origin":"https://private.example","address":"203.0.113.77","entropy":")" +
          entropy_of('a') + R"("})",
      R"(1001 > text 1 "40{\"token\":\"hunter2\"}")",
      R"(1002 > text 1 "420[\"session:create\",{\"name\":\"Secretive Sam\",\"password\":\"hunter2\"}]")",
      R"(1003 > request 2 {"method":"GET","query":"EIO=4&transport=polling","address":"203.0.113.78","entropy":")" +
          entropy_of('b') + R"("})",
  };
  std::string last;
  std::string code;
  for (const std::string& fact : facts) {
    last = std::get<std::string>(engine.step(fact));
    const auto room = last.find("\"room\":\"");
    if (room != std::string::npos)
      code = last.substr(room + 8, last.find('"', room + 8) - room - 8);
  }
  const auto sid_at = last.find("sid\\\":\\\"") + 8;
  const std::string polling = "EIO=4&transport=polling&sid=" + last.substr(sid_at, 20);
  const std::string rest = R"(","address":"203.0.113.78","entropy":")" + entropy_of('c') + R"("})";
  facts.push_back(R"(1004 > request 3 {"method":"POST","query":")" + polling + rest);
  facts.push_back(R"(1004 > body 3 "40\u001e42[\"session:join\",{\"roomCode\":\")" + code +
                  R"(\",\"name\":\"Bob\"}]")");
  facts.push_back(R"(1005 > request 4 {"method":"GET","query":")" + polling + rest);
  facts.push_back(
      R"(1006 > text 1 "42[\"session:event\",{\"type\":\"chat\",\"data\":\"meet me at 5\"}]")");
  facts.push_back(
      R"(1006 > text 1 "42[\"session:event\",{\"type\":\"dial\",\"data\":[86753.09e7]}]")");
  facts.push_back(R"(1007 > text 1 "42[\"diary\",\"dear diary")");
  return told_by(facts);
}

std::string redacted(const std::string& text, std::uint64_t seed = 1) {
  const auto told = jam::redact(text, seed);
  REQUIRE(std::holds_alternative<std::string>(told));
  return std::get<std::string>(told);
}

std::string lines_with(std::string_view text, std::string_view what) {
  std::string found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.find(what) != line.npos) found.append(line) += '\n';
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return found;
}

}  // namespace

TEST_CASE("a redacted trace replays like any other") {
  const std::string told = redacted(a_jam());
  CAPTURE(told);
  const auto found = trace::replay(told);
  CHECK(found.difference.empty());
  CHECK(found.facts == 10);
}

TEST_CASE("a redacted trace tells the same story") {
  const std::string told = redacted(a_jam());
  CAPTURE(told);
  CHECK_FALSE(lines_with(told, "session created").empty());
  CHECK_FALSE(lines_with(told, "session joined").empty());
  CHECK_FALSE(lines_with(told, "session:event").empty());
  CHECK_FALSE(lines_with(told, "protocol error").empty());
}

TEST_CASE("nothing that was said, drawn or typed is left in a redacted trace") {
  const std::string before = a_jam();
  const std::string told = redacted(before);
  CAPTURE(told);
  for (const std::string_view secret :
       {"hunter2", "Secretive", "Sam", "Bob", "chat", "meet", "diary", "86753", "private.example",
        "203.0.113", "aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"}) {
    CAPTURE(secret);
    CHECK(before.find(secret) != before.npos);
    CHECK(told.find(secret) == told.npos);
  }
  for (const std::string_view key : {"sid\\\":\\\"", "roomCode\\\":\\\""}) {
    const auto at = before.find(key) + key.size();
    const std::string secret = before.substr(at, before.find('\\', at) - at);
    CAPTURE(secret);
    CHECK(secret.size() > 5);
    CHECK(told.find(secret) == told.npos);
  }
}

TEST_CASE("another seed draws others, the same seed the same") {
  const std::string before = a_jam();
  CHECK(redacted(before, 1) == redacted(before, 1));
  CHECK(redacted(before, 1) != redacted(before, 2));
}

TEST_CASE("a trace that cannot be read is not redacted, and says where") {
  const auto told = jam::redact(trace::write_header({}) + "\nnonsense\n", 1);
  REQUIRE(std::holds_alternative<trace::unreadable>(told));
  CHECK(std::get<trace::unreadable>(told).why.substr(0, 8) == "line 2: ");
}
