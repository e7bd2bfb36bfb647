#include "jam/settings.hpp"

#include "jam/option_table.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::jam {
namespace {

constexpr std::int64_t most = 2'147'483'647;

std::string with(std::string_view name, std::string_view value) {
  std::string json = "{\"";
  return json.append(name).append("\":").append(value).append("}");
}

/// What is wrong with the options, empty if nothing is.
std::string error_in(std::string_view json) {
  const auto read = read_options(json);
  const auto* why = std::get_if<std::string>(&read);
  return why ? *why : std::string();
}

options read(std::string_view json) {
  auto given = read_options(json);
  REQUIRE(std::holds_alternative<options>(given));
  return std::get<options>(given);
}

}  // namespace

TEST_CASE("every setting has a name and a place of its own") {
  options o;
  std::set<std::string_view> names;
  std::set<const std::int64_t*> places;
  for (const setting& s : settings()) {
    CHECK(names.insert(s.name).second);
    CHECK(places.insert(&s.in(o)).second);
  }
}

TEST_CASE("the defaults are within the bounds") {
  options o;
  for (const setting& s : settings()) {
    CAPTURE(s.name);
    CHECK(s.in(o) >= s.least);
    CHECK(s.in(o) <= most);
  }
}

TEST_CASE("options are written as JSON of all settings, in their order") {
  const options o;
  const auto json = nlohmann::ordered_json::parse(write_options(o));
  REQUIRE(json.size() == settings().size());
  auto member = json.begin();
  options copy = o;
  for (const setting& s : settings()) {
    CHECK(member.key() == s.name);
    CHECK(member.value() == s.in(copy));
    ++member;
  }
}

TEST_CASE("options are read as they were written") {
  options o;
  std::int64_t value = 100'000;
  for (const setting& s : settings()) s.in(o) = ++value;
  const std::string json = write_options(o);
  CHECK(write_options(read(json)) == json);
}

TEST_CASE("what is not named keeps its default") {
  for (const setting& s : settings()) {
    CAPTURE(s.name);
    options expected;
    s.in(expected) = 4'711;
    CHECK(write_options(read(with(s.name, "4711"))) == write_options(expected));
  }
  CHECK(write_options(read("{}")) == write_options({}));
}

TEST_CASE("servers keep seats by default, and traces that do not say so do not") {
  CHECK(server_defaults().reconnect_grace_s == 120);
  CHECK(read("{}").reconnect_grace_s == 0);
  CHECK(read(write_options(server_defaults())).reconnect_grace_s == 120);
}

TEST_CASE("names that nobody knows are ignored, and space does not matter") {
  CHECK(write_options(read(R"({"tempo":120,"key":["C",{"minor":true}]})")) == write_options({}));
  CHECK(read(" { \"pingInterval\" : 5 } ").engineio.ping_interval_ms == 5);
}

TEST_CASE("of doubled names the last counts") {
  CHECK(read(R"({"pingInterval":5,"pingInterval":6})").engineio.ping_interval_ms == 6);
}

TEST_CASE("a value is a whole number within bounds") {
  for (const setting& s : settings()) {
    CAPTURE(s.name);
    const std::string why = std::string(s.name) + " must be a whole number from " +
                            std::to_string(s.least) + " to " + std::to_string(most);
    CHECK(error_in(with(s.name, std::to_string(s.least))).empty());
    CHECK(error_in(with(s.name, std::to_string(most))).empty());
    CHECK(error_in(with(s.name, std::to_string(s.least - 1))) == why);
    CHECK(error_in(with(s.name, std::to_string(most + 1))) == why);
    for (const std::string_view value :
         {"1.5", "1.0", "1e3", "\"5\"", "null", "true", "[]", "{}", "99999999999999999999"}) {
      CAPTURE(value);
      CHECK(error_in(with(s.name, value)) == why);
    }
  }
}

TEST_CASE("options are a JSON object") {
  for (const std::string_view broken :
       {"", " ", "{", "{\"a\"}", "{}{}", "pingInterval=5", "{'a':1}"}) {
    CAPTURE(broken);
    CHECK(error_in(broken) == "options must be JSON");
  }
  for (const std::string_view other : {"[]", "5", "null", "\"{}\"", "true"}) {
    CAPTURE(other);
    CHECK(error_in(other) == "options must be an object");
  }
}

}  // namespace downbeat::jam
