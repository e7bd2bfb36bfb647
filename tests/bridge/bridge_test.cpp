#include "bridge.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace downbeat {
namespace {

const std::string entropy_member = "\"entropy\":\"" + std::string(128, '0') + "\"";

/// A bridge to a server that one WebSocket has reached.
struct open_bridge : bridge {
  open_bridge() {
    REQUIRE(create("{}"));
    REQUIRE(
        step(R"(0 > websocket 1 {"query":"EIO=4&transport=websocket",)" + entropy_member + "}"));
  }
};

nlohmann::json replayed(std::string_view trace) {
  return nlohmann::json::parse(replay_json(trace));
}

}  // namespace

TEST_CASE("a bridge is created with options, and says what a trace of it begins with") {
  bridge server;
  REQUIRE(server.create(R"({"pingInterval":300})"));
  CHECK(server.result().rfind("downbeat trace 2 {\"pingInterval\":300,", 0) == 0);
}

TEST_CASE("a bridge says what is wrong with its options") {
  bridge server;
  CHECK_FALSE(server.create("{"));
  CHECK(server.result() == "options must be JSON");
  CHECK_FALSE(server.create(R"({"pingInterval":"soon"})"));
  CHECK(server.result() == "pingInterval must be a whole number from 1 to 2147483647");
}

TEST_CASE("a bridge applies what a journal has to the state of a room, until it has ended") {
  bridge server;
  const std::string created =
      R"([{"v":1,"type":"created","room":"MUSIC-42","number":1,"format":0,"who":)"
      R"({"id":"a","name":"Alice","instrument":"piano","move":0}}])";
  const std::string updated =
      R"([{"v":1,"type":"updated","room":"MUSIC-42","user":"a","name":"Alicia","instrument":"bass"}])";
  REQUIRE(server.evolve('\n' + created));
  const std::string before = server.result();
  CHECK(nlohmann::json::parse(before)["participants"][0]["name"] == "Alice");
  REQUIRE(server.evolve(before + '\n' + updated));
  const std::string after = server.result();
  CHECK(nlohmann::json::parse(after)["participants"][0]["name"] == "Alicia");
  CHECK(nlohmann::json::parse(after)["seq"] == 2);
  REQUIRE(server.evolve('\n' + created + '\n' + updated));
  CHECK(server.result() == after);
  REQUIRE(server.evolve(after));
  CHECK(server.result() == after);
  REQUIRE(server.evolve(after + R"(
[{"v":1,"type":"closed","room":"MUSIC-42"}])"));
  CHECK(server.result().empty());
}

TEST_CASE("a bridge says what of a journal it cannot read") {
  bridge server;
  CHECK_FALSE(server.evolve("{}\n[]"));
  CHECK(server.result() == "the state cannot be read");
  CHECK_FALSE(server.evolve("\n[{\"v\":1,\"type\":\"sung\"}]"));
  CHECK(server.result() == "the events cannot be read");
}

TEST_CASE("a step leaves the outputs that follow, the last of them wait") {
  bridge server;
  REQUIRE(server.create("{}"));
  REQUIRE(server.step(R"(5 > websocket 1 {"query":"EIO=4&transport=websocket",)" + entropy_member +
                      "}"));
  CHECK(server.result() ==
        "5 < accept 1\n"
        R"(5 < send 1 "0{\"sid\":\"AAAAAAAAAAAAAAAAAAAB\",\"upgrades\":[],\"pingInterval\":25000,)"
        R"(\"pingTimeout\":20000,\"maxPayload\":65536}")"
        "\n5 < wait 10005");
}

TEST_CASE("a line that cannot be read changes nothing") {
  open_bridge server;
  server.snapshot();
  const std::string before = server.result();
  CHECK_FALSE(server.step("7 > sing 1"));
  CHECK(server.result() == "unknown input, or its argument is wrong: sing");
  CHECK_FALSE(server.step("-1 > deadline"));
  CHECK(server.result() == "time must not go back");
  server.snapshot();
  CHECK(server.result() == before);
}

TEST_CASE("a server can be made anew") {
  open_bridge server;
  REQUIRE(server.create("{}"));
  CHECK(server.step("0 > deadline"));
  CHECK(server.result() == "0 < wait");
}

TEST_CASE("the snapshot is JSON of connections, sockets and sessions") {
  open_bridge server;
  REQUIRE(server.step("1 > text 1 \"40\""));
  REQUIRE(server.step(R"(2 > text 1 "42[\"session:create\",{\"name\":\"Ada\"}]")"));
  REQUIRE(server.snapshot());
  const auto state = nlohmann::json::parse(server.result());
  CHECK(state.at("connections").at(0).at("transport") == 1);
  CHECK(state.at("application").at("sockets").size() == 1);
  CHECK(state.at("application").at("sessions").at(0).at("participants").at(0).at("name") == "Ada");
}

TEST_CASE("measurements are one JSON object of numbers") {
  open_bridge server;
  REQUIRE(server.measure());
  const auto counts = nlohmann::json::parse(server.result());
  CHECK(counts.at("connections_websocket") == 1);
  CHECK(counts.at("handshakes_total") == 1);
  CHECK(counts.at("sessions") == 0);
}

TEST_CASE("a replay says what it found, as JSON") {
  const std::string header = "downbeat trace 2 {}\n";
  SECTION("a trace that holds") {
    const auto found = replayed(header + "0 > deadline\n0 < wait\n");
    CHECK(found.at("inputs") == 1);
    CHECK(found.at("outputs") == 1);
    CHECK(found.at("difference") == "");
    CHECK(found.at("digest").get<std::string>().size() == 16);
  }
  SECTION("one that does not") {
    const auto found = replayed(header + "0 > deadline\n0 < wait 7\n");
    CHECK(found.at("difference") ==
          "line 3: the trace says\n  0 < wait 7\nbut the engine's output is\n  0 < wait");
  }
  SECTION("equal outputs have equal digests, others have others") {
    const auto one = replayed(header + "0 > deadline\n").at("digest");
    CHECK(replayed(header + "0 > deadline\n0 < wait\n").at("digest") == one);
    CHECK(replayed(header + "1 > deadline\n").at("digest") != one);
  }
}

}  // namespace downbeat
