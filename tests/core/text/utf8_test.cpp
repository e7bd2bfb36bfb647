#include "text/utf8.hpp"

#include "base/entropy.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace utf8 = downbeat::utf8;
using namespace std::string_view_literals;

namespace {

std::string encoded(char32_t code_point) {
  std::string out;
  utf8::append(out, code_point);
  return out;
}

bool is_surrogate(char32_t code_point) {
  return code_point >= 0xd800 && code_point <= 0xdfff;
}

std::string bytes(std::initializer_list<int> codes) {
  std::string out;
  for (const int code : codes) out += static_cast<char>(code);
  return out;
}

}  // namespace

TEST_CASE("every code point is valid, and decoded to itself", "[utf8]") {
  for (char32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    if (is_surrogate(code_point)) continue;
    const std::string text = encoded(code_point);
    std::string_view rest = text;
    if (!utf8::is_valid(text) || utf8::next(rest) != code_point || !rest.empty()) {
      FAIL("U+" << std::hex << static_cast<std::uint32_t>(code_point));
    }
  }
}

TEST_CASE("of all sequences of one and two bytes only the right ones are valid", "[utf8]") {
  for (int a = 0; a != 256; ++a) {
    if (utf8::is_valid(bytes({a})) != (a < 0x80)) FAIL(a);
    for (int b = 0; b != 256; ++b) {
      const bool both_ascii = a < 0x80 && b < 0x80;
      const bool one_letter = a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf;
      if (utf8::is_valid(bytes({a, b})) != (both_ascii || one_letter)) FAIL(a << ' ' << b);
    }
  }
}

TEST_CASE("of all sequences of three bytes that begin one only the right ones are valid",
          "[utf8]") {
  for (int a = 0xe0; a != 0x100; ++a) {
    for (int b = 0; b != 256; ++b) {
      for (int c = 0; c != 256; ++c) {
        const bool is_continued = b >= 0x80 && b <= 0xbf && c >= 0x80 && c <= 0xbf;
        const int code_point = (a & 0xf) << 12 | (b & 0x3f) << 6 | (c & 0x3f);
        const bool expected = a <= 0xef && is_continued && code_point >= 0x800 &&
                              !is_surrogate(static_cast<char32_t>(code_point));
        if (utf8::is_valid(bytes({a, b, c})) != expected) FAIL(a << ' ' << b << ' ' << c);
      }
    }
  }
}

TEST_CASE("sequences of four bytes are held to their bounds", "[utf8]") {
  CHECK(utf8::is_valid("\xf0\x90\x80\x80"));
  CHECK(utf8::is_valid("\xf4\x8f\xbf\xbf"));
  const auto text = GENERATE(values<std::string_view>({
      "\xf0\x8f\xbf\xbf",          // overlong
      "\xf4\x90\x80\x80",          // above U+10FFFF
      "\xf5\x80\x80\x80",          // far above
      "\xf8\x88\x80\x80\x80",      // five bytes
      "\xfc\x84\x80\x80\x80\x80",  // six bytes
      "\xf0\x9f\x8e",              // cut off
      "\xf0\x9f\x8e\x22",          //
      "\xf0\x9f\x8e\xc0",          //
      "\xf0\x9f\x22\xb5",          //
      "\xf0\x22\x8e\xb5",          //
      "\xf0\x9f\x8e\xb5\xb5",      // one too many
      "\xed\xa0\xbc\xed\xbe\xb5",  // surrogates, as CESU-8 has them
      "\xc0\x80",                  // a NUL, as Java has it
      "\xff\xfe",                  // a byte order mark of UTF-16
  }));
  CHECK_FALSE(utf8::is_valid(text));
}

TEST_CASE("a wrong byte is seen wherever it is in a longer text", "[utf8]") {
  for (std::size_t length = 1; length != 40; ++length) {
    for (std::size_t at = 0; at != length; ++at) {
      std::string text(length, 'a');
      if (!utf8::is_valid(text)) FAIL(length);
      text[at] = '\x80';
      if (utf8::is_valid(text)) FAIL(at << " of " << length);
      text[at] = '\xc3';
      if (utf8::is_valid(text)) FAIL(at << " of " << length);
      text.insert(at + 1, "\xa9");
      if (!utf8::is_valid(text)) FAIL(at << " of " << length);
    }
  }
}

TEST_CASE("empty text, NULs and mixed letters are valid", "[utf8]") {
  CHECK(utf8::is_valid(""));
  CHECK(utf8::is_valid(std::string_view{}));
  CHECK(utf8::is_valid("\0\0"sv));
  CHECK(utf8::is_valid(
      "na\xc3\xafve caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb5 and so on, at length"));
}

TEST_CASE("code points are taken one by one", "[utf8]") {
  std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5";
  CHECK(utf8::next(text) == U'a');
  CHECK(utf8::next(text) == U'\u00e9');
  CHECK(utf8::next(text) == U'\u20ac');
  CHECK(utf8::next(text) == U'\U0001f3b5');
  CHECK(text.empty());
}

TEST_CASE("random bytes get the answer that a JSON parser gives", "[utf8][differential]") {
  downbeat::splitmix64 random(8);
  int valid = 0;
  for (int i = 0; i != 100000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(6); n != 0; --n) {
      switch (random.below(8)) {
        case 0: text += static_cast<char>(0x80 | random.below(0x80)); break;
        case 1: text.append(static_cast<std::size_t>(random.below(12)), 'a'); break;
        case 2: text += "\xed\x9f\xbf"; break;
        default: text += encoded(static_cast<char32_t>(0xe000 + random.below(0x100000))); break;
      }
    }
    const bool expected = nlohmann::json::accept('"' + text + '"');
    if (utf8::is_valid(text) != expected) FAIL("round " << i);
    valid += expected ? 1 : 0;
  }
  CHECK(valid > 10000);
  CHECK(valid < 90000);
}
