#include "text/query.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using downbeat::parse_query;
using downbeat::query_parameters;
using downbeat::value_of;

TEST_CASE("a query's parameters are read in their order") {
  CHECK(parse_query("").empty());
  CHECK(parse_query("a=1&b=2&a=3") == query_parameters{{"a", "1"}, {"b", "2"}, {"a", "3"}});
}

TEST_CASE("a parameter may lack its value, its name or both") {
  CHECK(parse_query("a") == query_parameters{{"a", ""}});
  CHECK(parse_query("a=") == query_parameters{{"a", ""}});
  CHECK(parse_query("=1") == query_parameters{{"", "1"}});
  CHECK(parse_query("=") == query_parameters{{"", ""}});
  CHECK(parse_query("&&a=1&&").size() == 1);
}

TEST_CASE("only the first equals sign parts a name from its value") {
  CHECK(parse_query("a=b=c==") == query_parameters{{"a", "b=c=="}});
}

TEST_CASE("names and values are decoded") {
  CHECK(parse_query("a%20b=c%2Bd") == query_parameters{{"a b", "c+d"}});
  CHECK(parse_query("a+b=c+d") == query_parameters{{"a b", "c d"}});
  CHECK(parse_query("a%3Db=%26%3d") == query_parameters{{"a=b", "&="}});
  CHECK(parse_query("n=%c3%A9") == query_parameters{{"n", "\xc3\xa9"}});
  CHECK(parse_query("n=%00") == query_parameters{{"n", std::string(1, '\0')}});
}

TEST_CASE("a broken escape stands for itself") {
  for (const std::string_view broken : {"%", "%4", "%g1", "%1g", "%%", "%-1", "% 1", "100%"}) {
    const auto read = parse_query("a=" + std::string(broken) + "&b=1");
    REQUIRE(read.size() == 2);
    CHECK(read[0].second == broken);
    CHECK(read[1].second == "1");
  }
  CHECK(parse_query("a=%%34") == query_parameters{{"a", "%4"}});
}

TEST_CASE("an escape is not decoded twice") {
  CHECK(parse_query("a=%2541") == query_parameters{{"a", "%41"}});
}

TEST_CASE("the first of several values counts, and an absent one is empty") {
  const auto read = parse_query("a=1&a=2&b");
  CHECK(value_of(read, "a") == "1");
  CHECK(value_of(read, "b").empty());
  CHECK(value_of(read, "c").empty());
  CHECK(value_of(read, "A").empty());
}
