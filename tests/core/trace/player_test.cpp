#include "trace/player.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::trace {
namespace {

std::string orders_of(player& by, const std::string& line) {
  auto stepped = by.step(line);
  REQUIRE(std::holds_alternative<std::string>(stepped));
  return std::get<std::string>(std::move(stepped));
}

std::string flaw_in(player& by, const std::string& line) {
  auto stepped = by.step(line);
  REQUIRE(std::holds_alternative<unreadable>(stepped));
  return std::get<unreadable>(std::move(stepped)).why;
}

const std::string handshake =
    R"({"query":"EIO=4&transport=websocket","entropy":")" + std::string(64, 'a') + "\"}";

}  // namespace

TEST_CASE("a step is all that the engine orders, and ends with wait") {
  player by(jam::options{});
  CHECK(orders_of(by, "3 > deadline") == "3 < wait");
  const std::string orders = orders_of(by, "5 > websocket 1 " + handshake);
  CHECK(orders.rfind("5 < accept 1\n5 < send 1 \"0{", 0) == 0);
  CHECK(orders.substr(orders.rfind('\n')) == "\n5 < wait 10005");
}

TEST_CASE("time may stand still, and must not go back") {
  player by(jam::options{});
  CHECK(flaw_in(by, "-1 > deadline") == "time must not go back");
  CHECK(orders_of(by, "10 > deadline") == "10 < wait");
  CHECK(orders_of(by, "10 > deadline") == "10 < wait");
  CHECK(flaw_in(by, "9 > websocket 1 " + handshake) == "time must not go back");
  CHECK(by.core().snapshot().find("\"connections\":[]") != std::string::npos);
  // The refused line has moved nothing.
  CHECK(orders_of(by, "10 > deadline") == "10 < wait");
}

TEST_CASE("an unreadable line does not move time") {
  player by(jam::options{});
  CHECK(flaw_in(by, "500 > text 1 oops") == "text has broken JSON");
  CHECK(orders_of(by, "1 > deadline") == "1 < wait");
}

TEST_CASE("a fact of something unknown does nothing") {
  player by(jam::options{});
  for (const std::string fact : {"text 9 \"40\"", "binary 9 \"\"", "too-large 9", "closed 9",
                                 "body 9 \"40\"", "body-too-large 9", "aborted 9"}) {
    CHECK(orders_of(by, "1 > " + fact) == "1 < wait");
  }
}

}  // namespace downbeat::trace
