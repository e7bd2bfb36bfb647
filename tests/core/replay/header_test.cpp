#include "replay/header.hpp"

#include "jam/settings.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::replay {
namespace {

std::string error_in_header(const std::string& header) {
  const auto read = read_header(header);
  const auto* why = std::get_if<trace::unreadable>(&read);
  return why ? why->why : std::string();
}

}  // namespace

TEST_CASE("a header is read as it was written") {
  jam::options options;
  std::int64_t value = 1'000;
  for (const jam::setting& s : jam::settings()) s.in(options) = ++value;
  const std::string header = write_header(options);
  CHECK(header.rfind("downbeat trace 2 {\"", 0) == 0);
  const auto read = read_header(header);
  REQUIRE(std::holds_alternative<replay::header>(read));
  CHECK(write_header(std::get<replay::header>(read).options) == header);
}

TEST_CASE("a header may name what matters only") {
  const auto read = read_header(R"(downbeat trace 2 { "pingTimeout": 7 })");
  REQUIRE(std::holds_alternative<header>(read));
  CHECK(std::get<header>(read).options.engineio.ping_timeout_ms == 7);
  CHECK(std::get<header>(read).options.engineio.ping_interval_ms == 25'000);
}

TEST_CASE("what is no header, or of another version, is said to be none") {
  const std::string why = "a trace must begin with: downbeat trace 2";
  CHECK(error_in_header("") == why);
  CHECK(error_in_header("0 > deadline") == why);
  CHECK(error_in_header("downbeat trace 3 {}") == why);
  CHECK(error_in_header("downbeat trace 22 {}") == why);
  CHECK(error_in_header("downbeat trace 11 {}") == why);
  CHECK(error_in_header("downbeat trace 2") == why);
  CHECK(error_in_header("# a remark") == why);
}

TEST_CASE("the error for a recording of an older version says how to replay it") {
  const std::string why =
      "this is a trace 1, recorded by an older downbeat; this one reads trace 2: replay it with "
      "the "
      "version that recorded it";
  CHECK(error_in_header("downbeat trace 1 {}") == why);
  CHECK(error_in_header(R"(downbeat trace 1 {"pingInterval":7})") == why);
}

TEST_CASE("what is wrong with the options is said in their words") {
  CHECK(error_in_header("downbeat trace 2 ") == "options must be JSON");
  CHECK(error_in_header("downbeat trace 2 {\"pingInterval\":") == "options must be JSON");
  CHECK(error_in_header("downbeat trace 2 []") == "options must be an object");
  CHECK(error_in_header(R"(downbeat trace 2 {"pingInterval":0})") ==
        "pingInterval must be a whole number from 1 to 2147483647");
}

}  // namespace downbeat::replay
