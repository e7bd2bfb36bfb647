// Many at a time.

#include "core/jam/jam_story.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace downbeat::jam::test {
namespace {

/// What stands between two texts.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto at = text.find(begin);
  REQUIRE(at != std::string::npos);
  const auto from = at + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

}  // namespace

TEST_CASE("a thousand joins of one room leave every member with the same list") {
  options options;
  options.session.max_participants = 0;
  jam_stage s(options);
  constexpr std::size_t count = 1'000;
  std::vector<std::unique_ptr<musician>> everyone;
  for (std::size_t i = 0; i < count; ++i) {
    const transport_kind by = i % 10 == 0 ? transport_kind::polling : transport_kind::websocket;
    everyone.push_back(std::make_unique<musician>(s.line, by));
  }
  everyone[0]->emit("session:create", R"({"name":"0"})");
  const std::string code = member_of(everyone[0]->last_message(), "roomCode");
  for (std::size_t i = 1; i < count; ++i) everyone[i]->join(code, std::to_string(i));

  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += (i == 0 ? "" : ",") + person(everyone[i]->id(), std::to_string(i));
  }
  std::size_t alike = 0;
  for (std::size_t i = 0; i < count; ++i) {
    // The list from session:joined, and what came since.
    std::string list = i == 0 ? person(everyone[0]->id(), "0") : std::string();
    for (const std::string& message : everyone[i]->messages()) {
      if (message.find("session:joined") != std::string::npos) {
        REQUIRE(list.empty());
        list = between(message, "\"participants\":[", "]");
      } else {
        REQUIRE(message.find("session:user-joined") != std::string::npos);
        list += ',' + between(message, "\"user\":", "}") + '}';
      }
    }
    if (list == all) ++alike;
  }
  CHECK(alike == count);
  CHECK(s.line.measure("participants") == count);
  CHECK(s.line.measure("rooms") == 1);

  for (const auto& who : everyone) who->vanish();
  CHECK(s.line.measure("participants") == 0);
  CHECK(s.line.measure("rooms") == 0);
}

TEST_CASE("of many who join at once, as many get in as there is room for") {
  jam_stage s;
  musician alice(s.line);
  const std::string code = alice.create("Alice");
  std::size_t in = 0;
  std::size_t out = 0;
  std::vector<std::unique_ptr<musician>> crowd;
  for (int i = 0; i < 30; ++i) crowd.push_back(std::make_unique<musician>(s.line));
  for (const auto& who : crowd) who->join(code, "n");
  for (const auto& who : crowd) {
    const transcript heard = who->messages();
    REQUIRE_FALSE(heard.empty());
    if (heard[0] == error("Session is full", "session_full", "session:join")) {
      CHECK(heard.size() == 1);
      ++out;
    } else {
      ++in;
    }
  }
  CHECK(in == 9);
  CHECK(out == 21);
  // There is room again as soon as one has left.
  crowd[0]->leave(code);
  crowd[29]->join(code, "n");
  CHECK(member_of(crowd[29]->last_message(), "roomCode") == code);
}

TEST_CASE("sessions created at once all have codes of their own") {
  jam_stage s;
  std::vector<std::unique_ptr<musician>> hosts;
  for (int i = 0; i < 500; ++i) hosts.push_back(std::make_unique<musician>(s.line));
  for (const auto& host : hosts) host->emit("session:create", R"({"name":"n"})");
  std::set<std::string> codes;
  for (const auto& host : hosts) codes.insert(member_of(host->last_message(), "roomCode"));
  CHECK(codes.size() == 500);
  CHECK(s.line.measure("sessions") == 500);
  CHECK(s.line.measure("rooms") == 500);
}

TEST_CASE("one who creates many sessions in one payload is in the last of them") {
  jam_stage s;
  musician alice(s.line, transport_kind::polling);
  const std::string create = R"(42["session:create",{"name":"Alice"}])";
  alice.send(create + '\x1e' + create + '\x1e' + create);
  const transcript heard = alice.messages();
  REQUIRE(heard.size() == 3);
  CHECK(s.line.measure("sessions") == 1);
  CHECK(room_of(*s.app, alice.id())->code == member_of(heard[2], "roomCode"));
}

}  // namespace downbeat::jam::test
