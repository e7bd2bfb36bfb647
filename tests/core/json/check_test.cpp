#include "json/text.hpp"
#include "support/repeat.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace json = downbeat::json;
using downbeat::test::repeat;
using namespace std::string_view_literals;

TEST_CASE("a text that is one JSON value is accepted", "[json][check]") {
  const auto text = GENERATE(values<std::string_view>({
      "null",
      "true",
      "false",
      "0",
      "-0",
      "10",
      "-1",
      "0.0",
      "0.10",
      "1e1",
      "1E1",
      "1e+1",
      "1e-1",
      "1e01",
      "0e0",
      "0E+00",
      "-1.5e-7",
      "1e999",
      "-1e999",
      "123456789012345678901234567890",
      "\"\"",
      "\"a\"",
      "\"'\"",
      "\"/\"",
      "\"\\/\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
      "\"\\u0000\"",
      "\"\\uABCD\\uabcd\"",
      "\"\\ud83c\\udfb5\"",
      "\"\x7f\"",
      "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5\"",
      "\"\xe2\x80\xa8\"",
      "\"exactly8\"",
      "\"exactly seventeen\"",
      "[]",
      "[ ]",
      "[0]",
      "[1,2]",
      "[[],{}]",
      "{}",
      "{ }",
      "{\"\":0}",
      "{\"a\":1,\"a\":2}",
      "{\"a\":{\"b\":[{}]}}",
      " 1 ",
      "\t\n\r 1 \t\n\r",
      " [ 1 , 2 ] ",
      " { \"a\" : 1 , \"b\" : 2 } ",
      "[\"]\",\"}\",\"[\",\"{\"]",
      "[\"session:event\",{\"type\":\"note\",\"data\":{\"pitch\":64,\"velocity\":0.8}}]",
  }));
  CAPTURE(text);
  CHECK(json::check(text));
}

TEST_CASE("a text that is not one JSON value is refused", "[json][check]") {
  const auto text = GENERATE(values<std::string_view>({
      // nothing, or something cut off
      "",
      " ",
      "\n",
      "\"",
      "\"a",
      "\"\\",
      "\"\\\"",
      "[",
      "[1",
      "[1,",
      "{",
      "{\"a\"",
      "{\"a\":",
      "{\"a\":1",
      "{\"a\":1,",
      "t",
      "tru",
      "nul",
      "fals",
      "-",
      "1.",
      "1e",
      "1e+",
      // something behind
      "1 2",
      "nullnull",
      "[]]",
      "[][]",
      "{}}",
      "\"\"\"",
      "1,",
      "null,",
      "\"a\"x",
      "true1",
      // other words
      "nil",
      "None",
      "undefined",
      "NaN",
      "Infinity",
      "-Infinity",
      "True",
      "NULL",
      "nan",
      "trUe",
      // numbers
      "+1",
      "01",
      "-01",
      "00",
      "-00",
      ".5",
      "-.5",
      "1.e1",
      "1..2",
      "0x10",
      "1e1.5",
      "1e",
      "1e-",
      "- 1",
      "--1",
      "1_000",
      "1 .5",
      "1e 5",
      "-a",
      "1a",
      // strings
      "'a'",
      "\"\n\"",
      "\"\t\"",
      "\"\x01\"",
      "\"\x1f\"",
      "\"12345678\x1f\"",
      "\"\\a\"",
      "\"\\x41\"",
      "\"\\'\"",
      "\"\\0\"",
      "\"\\U0041\"",
      "\"\\u\"",
      "\"\\u1\"",
      "\"\\u12\"",
      "\"\\u123\"",
      "\"\\u123g\"",
      "\"\\u 123\"",
      "\"\\u-123\"",
      "\"\\uFFFG\"",
      "\"\\\n\"",
      // arrays
      "[,]",
      "[1,]",
      "[,1]",
      "[1,,2]",
      "[1 2]",
      "[1:2]",
      "[1}",
      "]",
      "[[]",
      "[\"a\":1]",
      // objects
      "{,}",
      "{\"a\":1,}",
      "{,\"a\":1}",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\",1}",
      "{a:1}",
      "{1:1}",
      "{'a':1}",
      "{null:1}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":1]",
      "}",
      "{\"a\"::1}",
      "{{}}",
      "{[]:1}",
      "{\"a\":1:2}",
      "{\"a\":1,2}",
      "{\"a\" 1}",
      // whitespace that JSON does not have, comments, byte order mark
      "\x0b"
      "1",
      "\x0c"
      "1",
      "\xc2\xa0"
      "1",
      "1\xe2\x80\xa8",
      "\xef\xbb\xbf"
      "1",
      "/**/1",
      "1//",
      "[1/**/]",
      "#1",
      // a letter outside of a string
      "\xc3\xa9",
      "[\xc3\xa9]",
  }));
  CAPTURE(text);
  CHECK_FALSE(json::check(text));
}

TEST_CASE("a NUL is a control character like any other", "[json][check]") {
  const auto text = GENERATE(values<std::string_view>({
      "\0"sv,
      "1\0"sv,
      "\0001"sv,
      "[\0]"sv,
      "\"\0\""sv,
      "\"\0"sv,
      "[1\0"sv,
      "{\0}"sv,
      "-\0"sv,
      "\"\\\0\""sv,
      "\"\\u\0\0\0\0\""sv,
      "[]\0"sv,
      "[1,\0"sv,
      "1.\0"sv,
  }));
  CHECK_FALSE(json::check(text));
}

TEST_CASE("an escape may be a lone surrogate, as in JSON.parse", "[json][check]") {
  const auto text = GENERATE(values<std::string_view>({
      "\"\\ud800\"",
      "\"\\udc00\"",
      "\"\\udc00\\ud800\"",
      "\"\\ud800x\"",
      "\"\\ud800\\n\"",
      "{\"\\uDFFF\":1}",
  }));
  CHECK(json::check(text));
}

TEST_CASE("every control character in a string is refused, wherever it stands", "[json][check]") {
  for (std::size_t length = 1; length != 20; ++length) {
    for (std::size_t at = 0; at != length; ++at) {
      for (int code = 0; code != 0x80; ++code) {
        std::string text = '"' + std::string(length, 'x') + '"';
        text[1 + at] = static_cast<char>(code);
        if (code == '"' || code == '\\') continue;
        if (json::check(text).has_value() != (code >= 0x20)) {
          FAIL("character " << code << " at " << at << " of " << length);
        }
      }
    }
  }
}

TEST_CASE("depth counts the arrays and objects around the innermost value", "[json][check]") {
  const auto [text, depth] = GENERATE(table<std::string_view, std::int32_t>({
      {"1", 0},
      {"\"[[[[\"", 0},
      {"[]", 1},
      {"{}", 1},
      {"[1,2,3]", 1},
      {"[[],[],[]]", 2},
      {"{\"a\":{\"b\":[]}}", 3},
      {"[[[]],[]]", 3},
      {"[[],[[]]]", 3},
  }));
  CAPTURE(text);
  REQUIRE(json::check(text));
  CHECK(json::check(text)->depth == depth);
}

TEST_CASE("whitespace is what stands outside of strings", "[json][check]") {
  const auto [text, has_whitespace] = GENERATE(table<std::string_view, bool>({
      {"1", false},
      {" 1", true},
      {"1\n", true},
      {"\" \"", false},
      {"\"a\\n b\"", false},
      {"[]", false},
      {"[ ]", true},
      {"{ }", true},
      {"[1, 2]", true},
      {"[1 ,2]", true},
      {"[1\t]", true},
      {"{\"a\": 1}", true},
      {"{\"a\" :1}", true},
      {"{\"a\":1, \"b\":2}", true},
      {"{\r\"a\":1}", true},
      {"{\"a b\":\"\\\" \"}", false},
  }));
  CAPTURE(text);
  REQUIRE(json::check(text));
  CHECK(json::check(text)->has_whitespace == has_whitespace);
}

TEST_CASE("no depth is too deep", "[json][check]") {
  // Both sides of where the stack of bits grows and shrinks, and a megabyte.
  const auto depth = GENERATE(std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{128},
                              std::size_t{129}, std::size_t{1000}, std::size_t{500000});
  CAPTURE(depth);
  const std::string arrays = repeat("[", depth) + repeat("]", depth);
  const std::string objects = repeat("{\"a\":", depth) + "1" + repeat("}", depth);
  const std::string both = repeat("[{\"a\":", depth) + "1" + repeat("}]", depth);
  CHECK(json::check(arrays) == json::survey{static_cast<std::int32_t>(depth), false});
  CHECK(json::check(objects) == json::survey{static_cast<std::int32_t>(depth), false});
  CHECK(json::check(both) == json::survey{static_cast<std::int32_t>(2 * depth), false});

  CHECK_FALSE(json::check(repeat("[", 2 * depth)));
  CHECK_FALSE(json::check(repeat("{\"a\":", depth)));
  CHECK_FALSE(json::check(repeat("[", depth) + repeat("]", depth + 1)));
  CHECK_FALSE(json::check(repeat("[", depth) + "}" + repeat("]", depth - 1)));
  CHECK_FALSE(json::check(repeat("[{\"a\":", depth) + "1" + repeat("]}", depth)));
}
