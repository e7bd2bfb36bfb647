#include "socketio/placeholder.hpp"

#include "core/json/random_json.hpp"
#include "json/text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace downbeat;
using socketio::extract;
using socketio::find_placeholders;
using socketio::placeholder;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (; times != 0; --times) out += text;
  return out;
}

std::vector<frame> attachments(std::initializer_list<std::string_view> all) {
  std::vector<frame> out;
  for (const auto each : all) out.push_back(frame::binary(std::string(each)));
  return out;
}

/// The numbers of a text's placeholders, in text order, or nothing.
std::optional<std::vector<std::uint64_t>> nums(std::string_view text) {
  REQUIRE(json::check(text));
  const auto found = find_placeholders(text);
  if (!found) return std::nullopt;
  std::vector<std::uint64_t> out;
  for (const auto& each : *found) out.push_back(each.num);
  return out;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("placeholders are found in text order, with their places", "[placeholder]") {
  constexpr std::string_view text =
      R"(["a",{"x":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}]])";
  const auto found = find_placeholders(text);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(text.substr((*found)[0].offset, (*found)[0].length) == R"({"_placeholder":true,"num":1})");
  CHECK((*found)[0].num == 1);
  CHECK(text.substr((*found)[1].offset, (*found)[1].length) == R"({"_placeholder":true,"num":0})");
  CHECK((*found)[1].num == 0);

  CHECK(find_placeholders(R"({"_placeholder":true,"num":0})") ==
        std::vector<placeholder>{{0, 29, 0}});
}

TEST_CASE("an object is a placeholder when its _placeholder is true", "[placeholder]") {
  const auto [text, expected] = GENERATE(table<std::string_view, numbers>({
      {R"({"_placeholder":true,"num":0})", {0}},
      {R"({"num":7,"_placeholder":true})", {7}},
      {R"({"a":1,"num":7,"b":[{}],"_placeholder":true,"c":"}"})", {7}},
      {R"({"_placeholder":true,"num":18446744073709551614})", {18446744073709551614u}},
      // escaped keys
      {R"({"\u005fplaceholder":true,"n\u0075m":3})", {3}},
      {R"({"_place\u0068older":true,"\u006e\u0075\u006d":3})", {3}},
      // the last of doubled keys
      {R"({"_placeholder":true,"num":1,"num":2})", {2}},
      {R"({"_placeholder":true,"num":"x","num":2})", {2}},
      {R"({"_placeholder":false,"num":1,"_placeholder":true})", {1}},
      {R"({"_placeholder":true,"num":1,"\u005fplaceholder":false})", {}},
      {R"({"_placeholder":true,"_placeholder":null})", {}},
      // no placeholders
      {R"({"_placeholder":false,"num":0})", {}},
      {R"({"_placeholder":1,"num":0})", {}},
      {R"({"_placeholder":"true","num":0})", {}},
      {R"({"_placeholder":[true],"num":0})", {}},
      {R"({"_placeholder":{"true":true},"num":0})", {}},
      {R"({"_placeholders":true,"num":0})", {}},
      {R"({"placeholder":true,"num":0})", {}},
      {R"({"\\u005fplaceholder":true,"num":0})", {}},
      {R"({"num":0})", {}},
      {R"({"a":"_placeholder","b":true})", {}},
      {R"(["_placeholder",true,"num",0])", {}},
      {R"("{\"_placeholder\":true,\"num\":0}")", {}},
      {R"({"{\"_placeholder\":true,\"num\":0}":1})", {}},
      {"true", {}},
      {"[]", {}},
      {"{}", {}},
      {"\"\"", {}},
  }));
  CAPTURE(text);
  CHECK(nums(text) == expected);
}

TEST_CASE("a placeholder without a proper num is refused", "[placeholder]") {
  const auto num = GENERATE(values<std::string_view>({
      "-1",
      "-0",
      "0.5",
      "1.0",
      "1e0",
      "1E0",
      "\"0\"",
      "null",
      "true",
      "[0]",
      "{}",
      "{\"num\":0}",
      "18446744073709551615",
      "18446744073709551616",
      "99999999999999999999999999",
      "1e999",
      "0,\"num\":null",
      "0,\"n\\u0075m\":-1",
  }));
  const std::string text = R"([{"_placeholder":true,"num":)" + std::string(num) + "}]";
  CAPTURE(text);
  CHECK_FALSE(nums(text));
  CHECK_FALSE(nums(R"({"_placeholder":true})"));
  CHECK_FALSE(nums(R"([{"_placeholder":true,"num":0},{"_placeholder":true}])"));
}

TEST_CASE("what is inside of a placeholder is not looked at", "[placeholder]") {
  const auto [text, expected] = GENERATE(table<std::string_view, numbers>({
      {R"({"_placeholder":true,"num":1,"x":{"_placeholder":true,"num":2}})", {1}},
      {R"({"x":{"_placeholder":true,"num":2},"_placeholder":true,"num":1})", {1}},
      {R"({"x":[{"_placeholder":true,"num":2},{"y":{"_placeholder":true,"num":3}}],)"
       R"("num":1,"_placeholder":true})",
       {1}},
      {R"({"x":{"_placeholder":true,"num":"bad"},"_placeholder":true,"num":1})", {1}},
      {R"([{"_placeholder":true,"num":5},{"x":{"_placeholder":true},"_placeholder":true,"num":1}])",
       {5, 1}},
      // An inner key is not the outer object's.
      {R"({"x":{"_placeholder":true,"num":2},"num":1})", {2}},
      {R"({"x":{"num":9},"_placeholder":true,"num":1})", {1}},
      {R"({"num":1,"_placeholder":true,"x":{"num":9,"_placeholder":false}})", {1}},
  }));
  CAPTURE(text);
  CHECK(nums(text) == expected);
}

TEST_CASE("neither depth nor number of placeholders matters", "[placeholder]") {
  constexpr std::size_t many = 200000;
  CHECK(nums(repeat("[", many) + repeat("]", many)) == numbers{});
  CHECK(nums(repeat("{\"a\":", many) + "1" + repeat("}", many)) == numbers{});
  CHECK(nums(repeat("{\"a\":", many) + R"({"_placeholder":true,"num":4})" + repeat("}", many)) ==
        numbers{4});
  // Each is inside of the next, which shows only at its end.
  CHECK(nums(repeat("{\"a\":", many) + "1" + repeat(R"(,"_placeholder":true,"num":6})", many)) ==
        numbers{6});
  CHECK(nums("[" + repeat(R"({"_placeholder":true,"num":0},)", many) + "0]")->size() == many);
}

TEST_CASE("a text without placeholders is extracted as it is", "[placeholder]") {
  const auto out = extract(R"({"a":[1.50,"\u0041"]})", attachments({"unused"}));
  REQUIRE(out);
  CHECK(out->json == R"({"a":[1.50,"\u0041"]})");
  CHECK(out->attachments.empty());
}

TEST_CASE("a canonical text that names all attachments is extracted as it is", "[placeholder]") {
  constexpr std::string_view text =
      R"([{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}])";
  const auto out = extract(text, attachments({"zero", "one"}));
  REQUIRE(out);
  CHECK(out->json == text);
  CHECK(out->attachments == attachments({"zero", "one"}));
}

TEST_CASE("extracted placeholders are numbered anew, with the attachments they named",
          "[placeholder]") {
  const auto out =
      extract(R"({"a":{"_placeholder":true,"num":2},"b":{"_placeholder":true,"num":0}})",
              attachments({"zero", "one", "two"}));
  REQUIRE(out);
  CHECK(out->json == R"({"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}})");
  CHECK(out->attachments == attachments({"two", "zero"}));
}

TEST_CASE("two placeholders may name one attachment, and share its bytes", "[placeholder]") {
  const auto all = attachments({"zero", "one"});
  const auto out = extract(R"([{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}])", all);
  REQUIRE(out);
  CHECK(out->json == R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  REQUIRE(out->attachments == attachments({"one", "one"}));
  CHECK(&out->attachments[0].bytes() == &all[1].bytes());
  CHECK(&out->attachments[1].bytes() == &all[1].bytes());
}

TEST_CASE("extracted placeholders are written canonically", "[placeholder]") {
  const auto out = extract(
      R"(["é",{"num":1,"x":[{"_placeholder":true,"num":9}],"\u005fplaceholder":true},"end"])",
      attachments({"zero", "one"}));
  REQUIRE(out);
  CHECK(out->json == R"(["é",{"_placeholder":true,"num":0},"end"])");
  CHECK(out->attachments == attachments({"one"}));
}

TEST_CASE("nothing is extracted when a placeholder names no attachment", "[placeholder]") {
  CHECK_FALSE(extract(R"({"_placeholder":true,"num":0})", {}));
  CHECK_FALSE(extract(R"({"_placeholder":true,"num":1})", attachments({"zero"})));
  CHECK_FALSE(extract(R"({"_placeholder":true,"num":4294967296})", attachments({"zero"})));
  CHECK_FALSE(
      extract(R"({"_placeholder":true,"num":18446744073709551614})", attachments({"zero"})));
  CHECK_FALSE(extract(R"({"_placeholder":true})", attachments({"zero"})));
  CHECK_FALSE(extract(R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                      attachments({"zero"})));
}

TEST_CASE("text that was never checked does not lead the search outside of it", "[placeholder]") {
  test::random_json random(10);
  const auto all = attachments({"zero"});
  for (int i = 0; i != 20000; ++i) {
    std::string text = random.broken_text();
    for (std::uint64_t n = random.below(4); n != 0; --n) {
      text.insert(
          static_cast<std::size_t>(random.below(text.size() + 1)),
          random.pick({"{\"_placeholder\":", "true", "\"num\":0", ",\"num\":0}", "}", "{"}));
    }
    // On the heap and of its exact size, so that a byte too far is seen.
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view view(exact.data(), exact.size());
    const auto found = find_placeholders(view);
    if (!found) continue;
    std::size_t end = 0;
    for (const auto& each : *found) {
      if (each.offset < end || each.offset + each.length > view.size()) FAIL(text);
      end = each.offset + each.length;
    }
    extract(view, all);
  }
}

TEST_CASE("what was extracted is JSON and names its attachments in order",
          "[placeholder][differential]") {
  test::random_json random(11);
  const auto all = attachments({"0", "1", "2", "3"});
  for (int i = 0; i != 5000; ++i) {
    std::string text = "[";
    numbers expected;
    for (std::uint64_t n = random.below(5); n != 0; --n) {
      const std::uint64_t num = random.below(4);
      expected.push_back(num);
      text += "{\"x\":" + json::compact(random.text()) + ",\"y\":[{\"num\":" + std::to_string(num) +
              ",\"_placeholder\":true}]},";
    }
    text += "0]";
    const auto out = extract(text, all);
    if (!out || out->attachments.size() != expected.size()) FAIL(text);
    if (!json::check(out->json) || out->json.size() != text.size()) FAIL(out->json);
    const auto tree = nlohmann::json::parse(out->json, nullptr, false);
    for (std::size_t k = 0; k != expected.size(); ++k) {
      if (out->attachments[k].bytes() != std::to_string(expected[k])) FAIL(text);
      if (tree[k]["y"][0]["num"] != k) FAIL(out->json);
    }
  }
}
