#include "text/base64.hpp"

#include "base/entropy.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace base64 = downbeat::base64;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string random_bytes(downbeat::splitmix64& random, std::size_t length) {
  std::string out;
  while (out.size() != length) out += static_cast<char>(random.below(256));
  return out;
}

std::string without_padding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("the vectors of RFC 4648 are encoded and decoded", "[base64]") {
  const auto [bytes, text] = GENERATE(table<std::string_view, std::string_view>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\x00\x10\x83\x10\x51\x87"sv, "ABCDEFGH"},
      {"\xfb\xff\xfe", "+//+"},
      {"\xff", "/w=="},
      {"\0"sv, "AA=="},
  }));
  CHECK(base64::encode(bytes) == text);
  CHECK(base64::decode(text) == std::string(bytes));
  CHECK(base64::decode(without_padding(std::string(text))) == std::string(bytes));
}

TEST_CASE("the alphabet for URLs has no padding, plus or slash", "[base64]") {
  CHECK(base64::encode_url("") == "");
  CHECK(base64::encode_url("\xff") == "_w");
  CHECK(base64::encode_url("\xfb\xff\xfe") == "-__-");
  CHECK(base64::encode_url(std::string(15, '\xff')) == std::string(20, '_'));
  CHECK(base64::encode_url(std::string(15, '\0')) == std::string(20, 'A'));
}

TEST_CASE("what was encoded is decoded to itself, padded or not", "[base64]") {
  downbeat::splitmix64 random(9);
  for (std::size_t length = 0; length != 300; ++length) {
    const std::string bytes = random_bytes(random, length);
    const std::string text = base64::encode(bytes);
    if (text.size() != (length + 2) / 3 * 4) FAIL(length);
    if (base64::decode(text) != bytes) FAIL(length);
    if (base64::decode(without_padding(text)) != bytes) FAIL(length);
  }
}

TEST_CASE("impossible lengths and incomplete or misplaced padding are refused", "[base64]") {
  const auto text = GENERATE(values<std::string_view>({
      "A",        "AAAAA", "=",    "==",    "===",      "====",     "A=",
      "A==",      "A===",  "AA=",  "AA===", "AAA==",    "AAAA=",    "AAAA==",
      "AAAA====", "=AAA",  "A=AA", "AA=A",  "AA==AAAA", "Zg==Zg==", "Zg=",
  }));
  CAPTURE(text);
  CHECK_FALSE(base64::decode(text));
}

TEST_CASE("every other character is refused in every place", "[base64]") {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const std::size_t length : {2u, 3u, 4u, 6u, 7u, 8u}) {
    for (std::size_t at = 0; at != length; ++at) {
      for (int code = 0; code != 256; ++code) {
        std::string text(length, 'A');
        text[at] = static_cast<char>(code);
        const bool is_known = alphabet.find(text[at]) != std::string_view::npos;
        const bool is_padding = code == '=' && length % 4 == 0 && at + 1 == length;
        if (base64::decode(text).has_value() != (is_known || is_padding)) {
          FAIL("character " << code << " at " << at << " of " << length);
        }
      }
    }
  }
}

TEST_CASE("bits that the last character has too many are ignored", "[base64]") {
  CHECK(base64::decode("Zh==") == "f"s);
  CHECK(base64::decode("Zv") == "f"s);
  CHECK(base64::decode("Zm9=") == "fo"s);
}
