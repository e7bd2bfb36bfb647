#include "socketio/packet.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::socketio {
namespace {

/// A packet and its text, without the Engine.IO digit in front.
struct example {
  std::string_view text;
  packet_type type;
  std::string_view nsp;
  std::optional<std::uint64_t> id;
  std::string_view json;
  std::size_t attachments = 0;
};

constexpr std::nullopt_t none = std::nullopt;
constexpr auto connect = packet_type::connect;
constexpr auto disconnect = packet_type::disconnect;
constexpr auto event = packet_type::event;
constexpr auto ack = packet_type::ack;
constexpr auto binary_event = packet_type::binary_event;
constexpr auto binary_ack = packet_type::binary_ack;

void require_parsed(const example& expected) {
  CAPTURE(expected.text);
  std::string scratch;
  const auto parsed = parse(expected.text, 10, scratch);
  REQUIRE(std::holds_alternative<packet>(parsed));
  const packet& p = std::get<packet>(parsed);
  CHECK(p.type == expected.type);
  CHECK(p.nsp == expected.nsp);
  CHECK(p.id == expected.id);
  CHECK(p.json == expected.json);
  CHECK(p.attachments == expected.attachments);
}

/// Why a text is no packet that a client may send.
std::string error_of(std::string_view text) {
  std::string scratch;
  const auto parsed = parse(text, 10, scratch);
  const auto* error = std::get_if<parse_error>(&parsed);
  return error == nullptr ? std::string() : std::string(error->what);
}

// What both sides write: read and written again it is the same.
const std::vector<example> canonical = {
    {"0", connect, "/", none, ""},
    {R"(0{"token":"123"})", connect, "/", none, R"({"token":"123"})"},
    {"0/custom,", connect, "/custom", none, ""},
    {R"(0/admin™,{"token":"123"})", connect, "/admin™", none, R"({"token":"123"})"},
    {"1", disconnect, "/", none, ""},
    {"1/admin™,", disconnect, "/admin™", none, ""},
    {R"(2["foo"])", event, "/", none, R"(["foo"])"},
    {R"(2/admin™,["bar"])", event, "/admin™", none, R"(["bar"])"},
    {R"(212["foo"])", event, "/", 12, R"(["foo"])"},
    {R"(2/custom,0["foo",1,null])", event, "/custom", 0, R"(["foo",1,null])"},
    {R"(2[1,"a number may be a name"])", event, "/", none, R"([1,"a number may be a name"])"},
    {R"(29007199254740991["foo"])", event, "/", 9'007'199'254'740'991, R"(["foo"])"},
    {"3/admin™,13[]", ack, "/admin™", 13, "[]"},
    {R"(30["bar",{"ok":true}])", ack, "/", 0, R"(["bar",{"ok":true}])"},
    {R"(51-["baz",{"_placeholder":true,"num":0}])", binary_event, "/", none,
     R"(["baz",{"_placeholder":true,"num":0}])", 1},
    {R"(52-/admin™,7["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
     binary_event, "/admin™", 7,
     R"(["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])", 2},
    {R"(61-/admin™,15[{"_placeholder":true,"num":0}])", binary_ack, "/admin™", 15,
     R"([{"_placeholder":true,"num":0}])", 1},
    {R"(610-3[])", binary_ack, "/", 3, "[]", 10},
};

}  // namespace

TEST_CASE("a packet is read from its text, and written as the same text") {
  for (const example& e : canonical) {
    require_parsed(e);
    CHECK(encode({e.type, e.nsp, e.id, e.json, e.attachments}) == e.text);
  }
}

TEST_CASE("a packet is written behind a prefix, and with JSON that comes in pieces") {
  for (const example& e : canonical) {
    const std::string text(e.text);
    CHECK(encode({e.type, e.nsp, e.id, e.json, e.attachments}, "4") == '4' + text);
    const std::string_view json = e.json;
    const std::size_t middle = json.size() / 2;
    const std::array pieces = {json.substr(0, middle), std::string_view(), json.substr(middle)};
    CHECK(encode({e.type, e.nsp, e.id, "ignored", e.attachments}, pieces, "4") == '4' + text);
  }
}

TEST_CASE("a packet that only servers send is written") {
  CHECK(encode({packet_type::connect_error, "/", none, R"({"message":"Not authorized"})", 0}) ==
        R"(4{"message":"Not authorized"})");
  CHECK(encode({packet_type::connect_error, "/admin™", none, R"({"message":"Invalid namespace"})",
                0}) == R"(4/admin™,{"message":"Invalid namespace"})");
}

TEST_CASE("an event's name and arguments are found where they stand") {
  const struct {
    std::string_view text;
    std::string_view name;
    std::string_view arguments;
    std::string_view json;
  } examples[] = {
      {R"(2["foo"])", "foo", "", R"(["foo"])"},
      {R"(2["foo",1,{"a":[2]}])", "foo", R"(1,{"a":[2]})", R"(["foo",1,{"a":[2]}])"},
      {R"(2/admin™,7["a,b]",null])", "a,b]", "null", R"(["a,b]",null])"},
      {"2[ \"foo\" , [ 1 ] ]", "foo", "[1]", R"(["foo",[1]])"},
      {R"(2[-1.5,"x"])", "-1.5", R"("x")", R"([-1.5,"x"])"},
      {R"(2["f\u006fo",{"b":1}])", "foo", R"({"b":1})", R"(["f\u006fo",{"b":1}])"},
      {R"(2["\"",{"b":"a long value that fits in no small string"}])", "\"",
       R"({"b":"a long value that fits in no small string"})",
       R"(["\"",{"b":"a long value that fits in no small string"}])"},
      {R"(2[ "f\u006fo" , 1 ])", "foo", "1", R"(["f\u006fo",1])"},
      {R"(2["ab\ud800",1])", "", "1", R"(["ab\ud800",1])"},
      {R"(2["",1])", "", "1", R"(["",1])"},
      {R"(51-["f\u006fo",{"_placeholder":true,"num":0}])", "foo",
       R"({"_placeholder":true,"num":0})", R"(["f\u006fo",{"_placeholder":true,"num":0}])"},
      {"31[1,2]", "", "", "[1,2]"},
  };
  for (const auto& expected : examples) {
    CAPTURE(expected.text);
    std::string scratch = "what was there before";
    const auto parsed = parse(expected.text, 10, scratch);
    REQUIRE(std::holds_alternative<packet>(parsed));
    const packet& p = std::get<packet>(parsed);
    CHECK(p.name == expected.name);
    CHECK(p.arguments == expected.arguments);
    CHECK(p.json == expected.json);
  }
}

TEST_CASE("the main namespace may be spelled out") {
  require_parsed({"0/", connect, "/", none, ""});
  require_parsed({"0/,", connect, "/", none, ""});
  require_parsed({R"(0/,{"a":1})", connect, "/", none, R"({"a":1})"});
  require_parsed({R"(2/,["foo"])", event, "/", none, R"(["foo"])"});
  require_parsed({"1/", disconnect, "/", none, ""});
}

TEST_CASE("the comma after a namespace may be left out when nothing follows") {
  require_parsed({"0/custom", connect, "/custom", none, ""});
  require_parsed({"1/custom", disconnect, "/custom", none, ""});
  require_parsed({"0/admin™", connect, "/admin™", none, ""});
}

TEST_CASE("a namespace is everything up to the comma") {
  require_parsed({"0/a/b?c=d[]{}\"1,{}", connect, "/a/b?c=d[]{}\"1", none, "{}"});
}

TEST_CASE("leading zeros of an acknowledgement id are no part of it") {
  require_parsed({R"(207["foo"])", event, "/", 7, R"(["foo"])"});
  require_parsed({R"(2000["foo"])", event, "/", 0, R"(["foo"])"});
  require_parsed({"3/custom,0000000000000000000000042[]", ack, "/custom", 42, "[]"});
}

TEST_CASE("an acknowledgement id larger than a JavaScript number is refused") {
  CHECK(error_of(R"(29007199254740992["foo"])") == "illegal acknowledgement id");
  CHECK(error_of(R"(299999999999999999999999999["foo"])") == "illegal acknowledgement id");
}

TEST_CASE("insignificant whitespace is taken out, and everything else stays as it was written") {
  require_parsed({"2 [ \"a b\" ,\t{ \"z\" : 1 , \"a\" :\r\n[ ] } ] ", event, "/", none,
                  R"(["a b",{"z":1,"a":[]}])"});
  require_parsed({"0/custom, { \"a\" : \" , \" }", connect, "/custom", none, R"({"a":" , "})"});
  require_parsed({"21 [ \"a\" ]", event, "/", 1, R"(["a"])"});
}

TEST_CASE("the order of keys, the digits of numbers and the spelling of strings are kept") {
  constexpr std::string_view json =
      R"(["a",{"b":1,"a":2,"b":3},12345678901234567890123,1.0,-0,1e400,"\u0041é\/"])";
  std::string text = "2";
  text += json;
  require_parsed({text, event, "/", none, json});
}

TEST_CASE("the depth of a packet's JSON is known") {
  std::string scratch;
  CHECK(std::get<packet>(parse(R"(2["a"])", 10, scratch)).depth == 1);
  CHECK(std::get<packet>(parse(R"(2["a",{"b":[1]}])", 10, scratch)).depth == 3);
}

TEST_CASE("what is no packet, or not one that a client may send, is refused for a reason") {
  const auto [text, why] = GENERATE(table<std::string_view, std::string_view>({
      {"", "unknown packet type"},
      {"7", "unknown packet type"},
      {"a", "unknown packet type"},
      {"[\"foo\"]", "unknown packet type"},
      {"-1", "unknown packet type"},
      {"0[]", "invalid payload"},
      {R"(0"token")", "invalid payload"},
      {"0null", "invalid payload"},
      {"0true", "invalid payload"},
      {"0{", "invalid JSON"},
      {"0 ", "invalid JSON"},
      {"1{}", "invalid payload"},
      {"1[]", "invalid payload"},
      {"2", "invalid payload"},
      {"25", "invalid payload"},
      {"2{}", "invalid payload"},
      {"2[]", "invalid payload"},
      {"2[null]", "invalid payload"},
      {"2[true]", "invalid payload"},
      {"2[{}]", "invalid payload"},
      {"2[[\"a\"]]", "invalid payload"},
      {R"(2"foo")", "invalid payload"},
      {R"(2["foo")", "invalid JSON"},
      {R"(2["foo"]])", "invalid JSON"},
      {R"(2["foo",])", "invalid JSON"},
      {R"(2['foo'])", "invalid JSON"},
      {R"(2/custom["foo"])", "invalid payload"},
      {R"(2custom,["foo"])", "invalid JSON"},
      {R"(2-1["foo"])", "invalid JSON"},
      {"3", "invalid payload"},
      {"3[]", "invalid payload"},
      {"31", "invalid payload"},
      {"31{}", "invalid payload"},
      {"31null", "invalid payload"},
      {"4", "invalid payload"},
      {R"(4{"message":"no"})", "invalid payload"},
      {"5", "illegal attachments"},
      {R"(5["foo"])", "illegal attachments"},
      {R"(50-["foo"])", "illegal attachments"},
      {R"(51["foo"])", "illegal attachments"},
      {R"(5-["foo"])", "illegal attachments"},
      {R"(5-1-["foo"])", "illegal attachments"},
      {R"(511-["foo"])", "too many attachments"},
      {R"(599999999999999999999-["foo"])", "illegal attachments"},
      {"51-", "invalid payload"},
      {"51-[]", "invalid payload"},
      {"61-[]", "invalid payload"},
      {"60-1[]", "illegal attachments"},
      {"6", "illegal attachments"},
  }));
  CAPTURE(text);
  CHECK(error_of(text) == why);
}

TEST_CASE("the most attachments that a packet may announce can be set") {
  std::string scratch;
  CHECK(std::holds_alternative<packet>(parse(R"(52-["foo"])", 2, scratch)));
  CHECK(std::holds_alternative<parse_error>(parse(R"(53-["foo"])", 2, scratch)));
}

}  // namespace downbeat::socketio
