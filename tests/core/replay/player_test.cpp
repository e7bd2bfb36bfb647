#include "replay/player.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::replay {
namespace {

std::string outputs_of(player& by, const std::string& line) {
  auto stepped = by.step(line);
  REQUIRE(std::holds_alternative<std::string>(stepped));
  return std::get<std::string>(std::move(stepped));
}

std::string error_in_line(player& by, const std::string& line) {
  auto stepped = by.step(line);
  REQUIRE(std::holds_alternative<trace::unreadable>(stepped));
  return std::get<trace::unreadable>(std::move(stepped)).why;
}

const std::string handshake =
    R"({"query":"EIO=4&transport=websocket","entropy":")" + std::string(128, 'a') + "\"}";

}  // namespace

TEST_CASE("a step is all that the engine outputs, and ends with wait") {
  player by(jam::options{});
  CHECK(outputs_of(by, "3 > deadline") == "3 < wait");
  const std::string outputs = outputs_of(by, "5 > websocket 1 " + handshake);
  CHECK(outputs.rfind("5 < accept 1\n5 < send 1 \"0{", 0) == 0);
  CHECK(outputs.substr(outputs.rfind('\n')) == "\n5 < wait 10005");
}

TEST_CASE("time may stand still, and must not go back") {
  player by(jam::options{});
  CHECK(error_in_line(by, "-1 > deadline") == "time must not go back");
  CHECK(outputs_of(by, "10 > deadline") == "10 < wait");
  CHECK(outputs_of(by, "10 > deadline") == "10 < wait");
  CHECK(error_in_line(by, "9 > websocket 1 " + handshake) == "time must not go back");
  CHECK(by.core().snapshot().find("\"connections\":[]") != std::string::npos);
  // The refused line has moved nothing.
  CHECK(outputs_of(by, "10 > deadline") == "10 < wait");
}

TEST_CASE("an unreadable line does not move time") {
  player by(jam::options{});
  CHECK(error_in_line(by, "500 > text 1 oops") == "text has broken JSON");
  CHECK(outputs_of(by, "1 > deadline") == "1 < wait");
}

TEST_CASE("an input of something unknown does nothing") {
  player by(jam::options{});
  for (const std::string input : {"text 9 \"40\"", "binary 9 \"\"", "too-large 9", "closed 9",
                                  "body 9 \"40\"", "body-too-large 9", "aborted 9"}) {
    CHECK(outputs_of(by, "1 > " + input) == "1 < wait");
  }
}

}  // namespace downbeat::replay
