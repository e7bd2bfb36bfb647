#include "json/text.hpp"

#include "support/repeat.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace json = downbeat::json;
using downbeat::test::repeat;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

using texts = std::vector<std::string_view>;

constexpr std::string_view event =
    R"(["session:event",{"type":"note","data":{"pitch":64,"velocity":0.8,"t":123456789}}])";

}  // namespace

TEST_CASE("compact removes whitespace outside of strings only", "[json]") {
  const auto [text, expected] = GENERATE(table<std::string_view, std::string_view>({
      {"1", "1"},
      {" 1 ", "1"},
      {"\t[ 1 ,\r\n 2 ]", "[1,2]"},
      {"{ \"a b\" : \" \\\" \" }", "{\"a b\":\" \\\" \"}"},
      {"[ \"\\\\\" , \" \" ]", "[\"\\\\\",\" \"]"},
      {" { \"a\" : [ ] , \"b\" : { } } ", "{\"a\":[],\"b\":{}}"},
      {event, event},
  }));
  CHECK(json::compact(text) == expected);
  CHECK(json::compact(expected) == expected);
}

TEST_CASE("a value's kind shows in its first character", "[json]") {
  CHECK(json::kind_of("null") == json::kind::null);
  CHECK(json::kind_of("true") == json::kind::boolean);
  CHECK(json::kind_of("false") == json::kind::boolean);
  CHECK(json::kind_of("0") == json::kind::number);
  CHECK(json::kind_of("-1.5") == json::kind::number);
  CHECK(json::kind_of("\"\"") == json::kind::string);
  CHECK(json::kind_of("[]") == json::kind::array);
  CHECK(json::kind_of("{}") == json::kind::object);
}

TEST_CASE("items are slices of an array", "[json]") {
  CHECK(json::items("[]").empty());
  CHECK(json::items("[1]") == texts{"1"});
  CHECK(json::items("[null,true,-1.5e3,\"a\"]") == texts{"null", "true", "-1.5e3", "\"a\""});
  CHECK(json::items("[[],{},[[]],{\"a\":[]}]") == texts{"[]", "{}", "[[]]", "{\"a\":[]}"});
  CHECK(json::items(R"(["],[","a\"b,","\\",",",""])") ==
        texts{R"("],[")", R"("a\"b,")", R"("\\")", R"(",")", R"("")"});
  CHECK(json::items(R"([{"]":"}"},["{"]])") == texts{R"({"]":"}"})", R"(["{"])"});

  const auto slices = json::items(event);
  REQUIRE(slices.size() == 2);
  CHECK(slices[0] == "\"session:event\"");
  CHECK(slices[0].data() == event.data() + 1);
  CHECK(slices[1].data() + slices[1].size() == event.data() + event.size() - 1);
}

TEST_CASE("an item can be read and the rest left", "[json]") {
  SECTION("of several") {
    json::item_reader reader("[\"join\",{\"room\":\"A,B\"},[1,2]]");
    CHECK(reader.next() == "\"join\"");
    CHECK(reader.rest() == "{\"room\":\"A,B\"},[1,2]");
    CHECK(reader.next() == "{\"room\":\"A,B\"}");
    CHECK(reader.rest() == "[1,2]");
    CHECK(reader.next() == "[1,2]");
    CHECK(reader.rest().empty());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next());
  }
  SECTION("of one") {
    json::item_reader reader("[\"join\"]");
    CHECK(reader.next() == "\"join\"");
    CHECK(reader.rest().empty());
    CHECK_FALSE(reader.next());
  }
  SECTION("of none") {
    json::item_reader reader("[]");
    CHECK(reader.rest().empty());
    CHECK_FALSE(reader.next());
  }
}

TEST_CASE("a member is found by its key", "[json]") {
  const auto object = R"({"type":"note","data":{"type":"inner","n":[1,2]},"":0,"x":null})"sv;
  CHECK(json::member(object, "type") == "\"note\"");
  CHECK(json::member(object, "data") == R"({"type":"inner","n":[1,2]})");
  CHECK(json::member(object, "") == "0");
  CHECK(json::member(object, "x") == "null");
  CHECK_FALSE(json::member(object, "n"));
  CHECK_FALSE(json::member(object, "typ"));
  CHECK_FALSE(json::member(object, "note"));
  CHECK_FALSE(json::member("{}", ""));
}

TEST_CASE("of doubled keys the last counts", "[json]") {
  CHECK(json::member(R"({"a":1,"b":2,"a":3})", "a") == "3");
  CHECK(json::member(R"({"a":1,"\u0061":{}})", "a") == "{}");
}

TEST_CASE("keys are compared decoded", "[json]") {
  CHECK(json::member(R"({"t\u0079pe":1})", "type") == "1");
  CHECK(json::member(R"({"a\/b":1})", "a/b") == "1");
  CHECK(json::member(R"({"\"":1})", "\"") == "1");
  CHECK(json::member(R"({"\\":1})", "\\") == "1");
  CHECK(json::member(R"({"\u0000":1})", "\0"sv) == "1");
  CHECK(json::member(R"({"\ud83c\udfb5":1})", "\xf0\x9f\x8e\xb5") == "1");
  CHECK_FALSE(json::member(R"({"\\u0061":1})", "a"));
  CHECK_FALSE(json::member(R"({"\ud83c":1})", "\xf0\x9f\x8e\xb5"));
  CHECK_FALSE(json::member(R"({"\ud83c":1})", ""));
}

TEST_CASE("several members are found in one pass", "[json]") {
  const auto [type, data, other] = json::members(json::items(event)[1], {"type", "data", "other"});
  CHECK(type == "\"note\"");
  CHECK(data == R"({"pitch":64,"velocity":0.8,"t":123456789})");
  CHECK_FALSE(other);

  std::array<std::optional<std::string_view>, 1> values{"what was there before"};
  json::find_members("{}", std::array{"a"sv}, values);
  CHECK_FALSE(values[0]);
}

TEST_CASE("what follows an object is not looked at when its members are", "[json]") {
  const auto rest = GENERATE(values<std::string_view>({
      "",
      R"(,{"type":"other","data":0})",
      R"(,"type")",
      "]",
      "}",
  }));
  CAPTURE(rest);
  const auto found = [&](std::string_view object) {
    const std::string text = std::string(object).append(rest);
    const auto type = json::member(text, "type");
    return type ? std::string(*type) : "none";
  };
  CHECK(found(R"({"data":{"type":"inner"},"type":"note"})") == R"("note")");
  CHECK(found(R"({"type":7})") == "7");
  CHECK(found(R"({"type":[{}]})") == "[{}]");
  CHECK(found(R"({"data":[1,2]})") == "none");
  CHECK(found("{}") == "none");
}

TEST_CASE("a string literal is decoded", "[json]") {
  const auto [literal, text] = GENERATE(table<std::string_view, std::string>({
      {R"("")", ""},
      {R"("a")", "a"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC\ud83c\udfb5")", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5"},
      {R"("\u0000")", "\0"s},
      {R"("x\u0000y")", "x\0y"s},
      {R"("\ud7ff\ue000\uffff")", "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
      {R"("\ud800\udc00\udbff\udfff")", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
      {"\"caf\xc3\xa9 \\u0026 co\"", "caf\xc3\xa9 & co"},
      {R"("\\u0041")", "\\u0041"},
  }));
  CAPTURE(literal);
  REQUIRE(json::check(literal));
  CHECK(json::decode_string(literal) == text);
  std::string scratch = "of another";
  CHECK(json::read_string(literal, scratch) == text);
  CHECK(json::spells(literal, text));
  CHECK_FALSE(json::spells(literal, text + "x"));
}

TEST_CASE("a string literal without escapes is read where it is", "[json]") {
  const std::string_view literal = R"("note")";
  std::string scratch;
  const auto text = json::read_string(literal, scratch);
  REQUIRE(text == "note");
  CHECK(text->data() == literal.data() + 1);
  CHECK(scratch.empty());
}

TEST_CASE("a string literal with a lone surrogate has no text", "[json]") {
  const auto literal = GENERATE(values<std::string_view>({
      R"("\ud800")",
      R"("\udc00")",
      R"("\udfff")",
      R"("\udbff")",
      R"("\udc00\ud800")",
      R"("\ud800\ud800\udc00")",
      R"("\ud800\u0041")",
      R"("\ud800\\dc00")",
      R"("\ud800\n")",
      R"("\ud800udc00")",
      R"("\ud800x\udc00")",
      R"("\ud83c\udfb5\ud83c")",
  }));
  CAPTURE(literal);
  REQUIRE(json::check(literal));
  CHECK_FALSE(json::decode_string(literal));
  std::string scratch;
  CHECK_FALSE(json::read_string(literal, scratch));
  CHECK_FALSE(json::spells(literal, ""));
}

TEST_CASE("text is quoted as JSON.stringify does", "[json]") {
  CHECK(json::quote("") == R"("")");
  CHECK(json::quote("a/b 'c'") == R"("a/b 'c'")");
  CHECK(json::quote("\"\\") == R"("\"\\")");
  CHECK(json::quote("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(json::quote("\0\x01\x0b\x1f"sv) == R"("\u0000\u0001\u000b\u001f")");
  CHECK(json::quote("\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x8e\xb5") ==
        "\"\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x8e\xb5\"");

  std::string out = "[";
  json::append_quoted(out, "a");
  CHECK(out == "[\"a\"");
}

TEST_CASE("what was quoted is decoded to itself", "[json]") {
  for (int code = 0; code != 0x80; ++code) {
    for (std::size_t length : {0u, 1u, 7u, 8u, 20u}) {
      const std::string text =
          std::string(length, 'x') + static_cast<char>(code) + std::string(length, 'y');
      const std::string literal = json::quote(text);
      if (!json::check(literal) || json::decode_string(literal) != text) FAIL("character " << code);
    }
  }
}

TEST_CASE("depth, long strings and many escapes do not trouble the scans", "[json]") {
  constexpr std::size_t many = 300000;
  const std::string deep = repeat("[", many) + repeat("]", many);
  CHECK(json::items(deep).size() == 1);
  CHECK(json::items("[" + deep + "," + deep + "]").size() == 2);
  CHECK(json::compact(deep) == deep);
  CHECK(json::member("{\"a\":" + deep + ",\"b\":1}", "b") == "1");

  const std::string escapes = "\"" + repeat("\\\"\\\\", many) + "\"";
  REQUIRE(json::check(escapes));
  CHECK(json::items("[" + escapes + ",1]").size() == 2);
  CHECK(json::member("{" + escapes + ":1}", repeat("\"\\", many)) == "1");
  CHECK(json::quote(repeat("\"\\", many)) == escapes);

  const std::string many_members = "{" + repeat("\"\\u0061\":1,", many) + "\"a\":2}";
  CHECK(json::member(many_members, "a") == "2");
  CHECK(json::items("[" + repeat("1,", many) + "2]").size() == many + 1);
}
