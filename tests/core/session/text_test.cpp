#include "session/text.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace downbeat::session {
namespace {

std::string repeat(std::string_view part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

/// The normalized text, or the message of its error.
std::string outcome(std::string_view text) {
  const normalized result = normalize(text, 32);
  if (const auto* kept = std::get_if<std::string>(&result)) return *kept;
  return message_of(std::get<text_error>(result), "name", 32);
}

constexpr const char* bad_length = "name must be 1 to 32 characters";
constexpr const char* bad_character = "name must not contain control characters";

TEST_CASE("a name is kept as it was written") {
  CHECK(outcome("Alice") == "Alice");
  CHECK(outcome("Zoë van der Berg") == "Zoë van der Berg");
  CHECK(outcome("山田 太郎") == "山田 太郎");
  CHECK(outcome("🥁") == "🥁");
}

TEST_CASE("a name loses the space around it and keeps the space within") {
  CHECK(outcome("  Alice  ") == "Alice");
  CHECK(outcome("\t\n\v\f\r Alice B. \r\n") == "Alice B.");
}

TEST_CASE("every kind of space that JavaScript trims is trimmed") {
  const auto* const space =
      GENERATE("\t", "\n", "\v", "\f", "\r", " ", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
               "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
               "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff");
  CHECK(outcome(space + std::string("Bob") + space + space) == "Bob");
  CHECK(outcome(space) == bad_length);
}

TEST_CASE("what JavaScript does not trim stays") {
  const auto* const kept = GENERATE("\u180e", "\u200b", "\u2010", "\u2060", "\u1681", "\u3001");
  CHECK(outcome(kept + std::string("Bob") + kept) == kept + std::string("Bob") + kept);
}

TEST_CASE("a name has at least one character after trimming") {
  CHECK(outcome("") == bad_length);
  CHECK(outcome("   ") == bad_length);
  CHECK(outcome(" \u3000\u00a0 ") == bad_length);
  CHECK(outcome("x") == "x");
}

TEST_CASE("a name has at most 32 characters, however many bytes they take") {
  const auto* const letter = GENERATE("x", "é", "漢", "🎸");
  CHECK(outcome(repeat(letter, 32)) == repeat(letter, 32));
  CHECK(outcome(repeat(letter, 33)) == bad_length);
  CHECK(outcome("  " + repeat(letter, 32) + "\u00a0") == repeat(letter, 32));
}

TEST_CASE("a name of nothing but what nobody sees is refused") {
  const auto* const nothing = GENERATE(
      "\u200b", "\u200b\u200d\u2060", "\u3164", "\u2800", "\ufe0f", "\u00ad", "\u200e\u202e",
      "\u115f\u1160", "\uffa0", "\u034f", "\u061c", "\u180e", "\U000e0041", "\U000e0100",
      "\U0001d173", "\U0001d159", "\u2800 \u2800", "\u0301", "\u0301\u20dd", "\ufff9");
  CHECK(outcome(nothing) == "name must have a character that can be seen");
  CHECK(outcome(nothing + std::string("x")) == nothing + std::string("x"));
}

TEST_CASE("what joins and selects is kept between what can be seen") {
  const auto* const name = GENERATE("👩\u200d🎤", "❤\ufe0f", "e\u0301", "می\u200cخواهم", "ᄀ\u1160");
  CHECK(outcome(name) == name);
}

TEST_CASE("control characters and line breaks are refused within a name") {
  const auto* const control = GENERATE("\x01", "\t", "\n", "\r", "\x1b", "\x1f", "\x7f", "\u0080",
                                       "\u0085", "\u009f", "\u2028", "\u2029");
  CHECK(outcome("Al" + std::string(control) + "ice") == bad_character);
}

TEST_CASE("a NUL is refused wherever it stands") {
  CHECK(outcome(std::string_view("Al\0ice", 6)) == bad_character);
  CHECK(outcome(std::string_view("\0", 1)) == bad_character);
  CHECK(outcome(std::string_view("Alice\0", 6)) == bad_character);
}

TEST_CASE("a control character that is no space is not trimmed away") {
  CHECK(outcome("\u0085Alice") == bad_character);
  CHECK(outcome("Alice\x1b") == bad_character);
}

TEST_CASE("characters next to the control characters are allowed") {
  CHECK(outcome("~") == "~");
  CHECK(outcome("a\u00a0b") == "a\u00a0b");
  CHECK(outcome("\u00a1") == "\u00a1");
  CHECK(outcome("a\u2027\u202ab") == "a\u2027\u202ab");
}

TEST_CASE("a name that is both too long and has a control character is called too long") {
  CHECK(outcome("\x01" + repeat("x", 32)) == bad_length);
}

TEST_CASE("a name of a megabyte is refused at once") {
  CHECK(outcome(std::string(1 << 20, 'x')) == bad_length);
  CHECK(outcome(std::string(1 << 20, ' ')) == bad_length);
  CHECK(outcome(repeat("\u3000", 1 << 18)) == bad_length);
  CHECK(outcome(std::string(1 << 20, ' ') + "Alice") == "Alice");
}

TEST_CASE("the message names the field") {
  CHECK(message_of(text_error::length, "instrument", 32) ==
        "instrument must be 1 to 32 characters");
  CHECK(message_of(text_error::control_character, "instrument", 32) ==
        "instrument must not contain control characters");
}

TEST_CASE("bytes that are not UTF-8 do no harm") {
  const auto* const broken = GENERATE("\x80", "\xc3", "\xe2\x82", "\xf0\x9f\xa5", "\xff", "a\xf8",
                                      "\x80\x80\x80\x80\x80", "\xc3(", "\xe2(\x82");
  CHECK(outcome(broken) == broken);
}

}  // namespace
}  // namespace downbeat::session
