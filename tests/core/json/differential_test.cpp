#include "base/entropy.hpp"
#include "json/text.hpp"
#include "random_json.hpp"
#include "text/utf8.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace json = downbeat::json;
using downbeat::test::random_json;

namespace {

/// What nlohmann's parser says to a text: a second opinion.
class opinion final : public nlohmann::json_sax<nlohmann::json> {
 public:
  static opinion on(std::string_view text) {
    opinion formed;
    formed.accepts_ = nlohmann::json::sax_parse(text, &formed);
    return formed;
  }

  [[nodiscard]] bool accepts() const { return accepts_; }
  [[nodiscard]] std::int32_t depth() const { return deepest_; }

  /// Whether it refused what JSON.parse and we accept: a lone surrogate, or a number that no double
  /// can hold. It says nothing of what comes after that.
  [[nodiscard]] bool is_stricter() const { return is_stricter_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int out_of_range = 406;
    is_stricter_ = error.id == out_of_range ||
                   std::string_view(error.what()).find("surrogate") != std::string_view::npos;
    return false;
  }

 private:
  bool enter() {
    deepest_ = std::max(deepest_, ++depth_);
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  bool accepts_ = false;
  bool is_stricter_ = false;
  std::int32_t depth_ = 0;
  std::int32_t deepest_ = 0;
};

/// Why `check` and the second opinion differ on a text; empty if they do not.
std::string disagreement(std::string_view text) {
  const auto found = json::check(text);
  const auto second = opinion::on(text);
  if (second.is_stricter()) return {};
  if (found.has_value() != second.accepts()) return "only one accepts " + std::string(text);
  if (found && found->depth != second.depth()) return "depth of " + std::string(text);
  return {};
}

/// nlohmann's tree of a text that it is known to accept.
nlohmann::json tree(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace

TEST_CASE("random JSON is accepted, and its depth and whitespace are found",
          "[json][differential]") {
  random_json random(1);
  for (int i = 0; i != 20000; ++i) {
    const std::string text = random.text();
    const auto found = json::check(text);
    if (!found) FAIL("refused: " << text);
    if (const auto why = disagreement(text); !why.empty()) FAIL(why);
    if (found->has_whitespace != (json::compact(text) != text)) FAIL("whitespace: " << text);
  }
}

TEST_CASE("broken JSON is refused, and only that", "[json][differential]") {
  random_json random(2);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i != 100000; ++i) {
    const std::string text = random.broken_text();
    // A character may have been cut in two, or a letter put into it.
    if (!downbeat::utf8::is_valid(text)) continue;
    if (const auto why = disagreement(text); !why.empty()) FAIL(why);
    ++(json::check(text) ? accepted : refused);
  }
  CHECK(accepted > 10000);
  CHECK(refused > 10000);
}

TEST_CASE("any few characters of the grammar get the right answer", "[json][differential]") {
  constexpr std::string_view alphabet = "[]{}\",:01-.e\\ n";
  const auto base = alphabet.size();
  for (std::size_t length = 1; length != 5; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i != length; ++i) count *= base;
    for (std::size_t number = 0; number != count; ++number) {
      std::string text;
      for (std::size_t i = 0, rest = number; i != length; ++i, rest /= base) {
        text += alphabet[rest % base];
      }
      if (const auto why = disagreement(text); !why.empty()) FAIL(why);
    }
  }
}

TEST_CASE("every beginning of a JSON text is refused or JSON itself", "[json][differential]") {
  random_json random(3);
  for (int i = 0; i != 300; ++i) {
    const std::string text = random.text();
    for (std::size_t length = 0; length != text.size(); ++length) {
      const std::string beginning = text.substr(0, length);
      if (!downbeat::utf8::is_valid(beginning)) continue;
      if (const auto why = disagreement(beginning); !why.empty()) FAIL(why);
    }
  }
}

TEST_CASE("compact changes neither the value nor what is compact", "[json][differential]") {
  random_json random(4);
  for (int i = 0; i != 10000; ++i) {
    const std::string text = random.text();
    const std::string compact = json::compact(text);
    const auto found = json::check(compact);
    if (!found || found->has_whitespace) FAIL("not compact: " << compact);
    if (found->depth != json::check(text)->depth) FAIL("depth: " << text);
    if (json::compact(compact) != compact) FAIL("not idempotent: " << text);
    if (tree(compact) != tree(text)) FAIL("changed: " << text);
  }
}

TEST_CASE("compact takes back what pretty printing adds", "[json][differential]") {
  random_json random(5);
  for (int i = 0; i != 5000; ++i) {
    const nlohmann::json value = tree(random.text());
    if (json::compact(value.dump(3)) != value.dump()) FAIL(value.dump(3));
  }
}

TEST_CASE("items, members and strings are those of the tree", "[json][differential]") {
  random_json random(6);
  for (int i = 0; i != 20000; ++i) {
    const std::string text = json::compact(random.text());
    const nlohmann::json value = tree(text);
    switch (json::kind_of(text)) {
      case json::kind::array: {
        nlohmann::json items = nlohmann::json::array();
        for (const auto item : json::items(text)) items.push_back(tree(item));
        if (items != value) FAIL(text);
        break;
      }
      case json::kind::object:
        for (const auto& [key, expected] : value.items()) {
          const auto found = json::member(text, key);
          if (!found || tree(*found) != expected) FAIL(key << " of " << text);
        }
        if (const auto found = json::member(text, "type");
            found.has_value() != value.contains("type")) {
          FAIL(text);
        }
        break;
      case json::kind::string:
        if (json::decode_string(text) != value.get<std::string>()) FAIL(text);
        if (json::quote(value.get<std::string>()) != value.dump()) FAIL(text);
        break;
      case json::kind::number:
        if (!value.is_number()) FAIL(text);
        break;
      case json::kind::boolean:
        if (!value.is_boolean()) FAIL(text);
        break;
      case json::kind::null:
        if (!value.is_null()) FAIL(text);
        break;
    }
  }
}

TEST_CASE("text that was never checked does not lead a scan outside of it", "[json]") {
  // Whoever calls has checked the text. Should one not have, the sanitizers see this test.
  random_json random(7);
  for (int i = 0; i != 20000; ++i) {
    const std::string inside = random.broken_text();
    const std::size_t length = inside.size();
    // On the heap and of its exact size, so that a byte too far is seen.
    std::vector<char> exact(inside.begin(), inside.end());
    exact.insert(exact.begin(), '[');
    const std::string_view array(exact.data(), length + 1);
    std::size_t total = 0;
    for (const auto item : json::items(array)) total += item.size();
    if (total > array.size()) FAIL(array);
    exact.front() = '{';
    json::member(array, "a");
    exact.front() = '"';
    json::decode_string(array);
    json::compact(array);
  }
}
