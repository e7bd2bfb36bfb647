#include "jam/settings.hpp"
#include "trace/player.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

namespace downbeat::trace {
namespace {

std::string flaw_in(const std::string& header) {
  const auto read = read_header(header);
  const auto* why = std::get_if<unreadable>(&read);
  return why ? why->why : std::string();
}

}  // namespace

TEST_CASE("a header is read as it was written") {
  jam::options options;
  std::int64_t value = 1'000;
  for (const jam::setting& s : jam::settings()) s.in(options) = ++value;
  const std::string header = write_header(options);
  CHECK(header.rfind("downbeat trace 1 {\"", 0) == 0);
  const auto read = read_header(header);
  REQUIRE(std::holds_alternative<jam::options>(read));
  CHECK(write_header(std::get<jam::options>(read)) == header);
}

TEST_CASE("a header may name what matters only") {
  const auto read = read_header(R"(downbeat trace 1 { "pingTimeout": 7 })");
  REQUIRE(std::holds_alternative<jam::options>(read));
  CHECK(std::get<jam::options>(read).engineio.ping_timeout_ms == 7);
  CHECK(std::get<jam::options>(read).engineio.ping_interval_ms == 25'000);
}

TEST_CASE("what is no header, or of another version, is said to be none") {
  const std::string why = "a trace must begin with: downbeat trace 1";
  CHECK(flaw_in("") == why);
  CHECK(flaw_in("0 > deadline") == why);
  CHECK(flaw_in("downbeat trace 2 {}") == why);
  CHECK(flaw_in("downbeat trace 11 {}") == why);
  CHECK(flaw_in("downbeat trace 1") == why);
  CHECK(flaw_in("# a remark") == why);
}

TEST_CASE("what is wrong with the options is said in their words") {
  CHECK(flaw_in("downbeat trace 1 ") == "options must be JSON");
  CHECK(flaw_in("downbeat trace 1 {\"pingInterval\":") == "options must be JSON");
  CHECK(flaw_in("downbeat trace 1 []") == "options must be an object");
  CHECK(flaw_in(R"(downbeat trace 1 {"pingInterval":0})") ==
        "pingInterval must be a whole number from 1 to 2147483647");
}

}  // namespace downbeat::trace
