#include "session/room_code.hpp"

#include "session/canonical_code.hpp"
#include "session/words.hpp"
#include "support/session_invariants.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace downbeat::session {
namespace {

const code_format& format_at(std::size_t index) {
  return code_formats()[index];
}

std::int64_t most_rooms(const code_format& format) {
  return format.possible_codes() / format.codes_per_live_room;
}

/// Draws codes for rooms that all stay, as the directory does.
std::vector<std::string> fill(std::int64_t rooms) {
  splitmix64 random(7);
  std::unordered_set<canonical_code> keys;
  std::vector<std::string> codes;
  while (static_cast<std::int64_t>(codes.size()) < rooms) {
    const code_format* const format = format_for(static_cast<std::int64_t>(codes.size()) + 1);
    std::string code = draw_code(*format, random);
    if (keys.insert(canonicalize(code).value()).second) codes.push_back(code);
  }
  return codes;
}

TEST_CASE("a code is a word, a hyphen and two digits at first") {
  CHECK(format_for(1) == &format_at(0));
  splitmix64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::string code = draw_code(format_at(0), random);
    CAPTURE(code);
    CHECK(test::fits(format_at(0), code));
    CHECK(code[code.size() - 3] == '-');
    CHECK(code.find_last_not_of("23456789") == code.size() - 3);
  }
}

TEST_CASE("codes grow from stage to stage, and have ten characters at most") {
  const std::size_t suffixes[] = {2, 4, 5, 5};
  REQUIRE(code_formats().size() == std::size(suffixes));
  splitmix64 random(1);
  for (std::size_t i = 0; i < code_formats().size(); ++i) {
    for (int draw = 0; draw < 1000; ++draw) {
      const std::string code = draw_code(format_at(i), random);
      CAPTURE(code);
      CHECK(code.size() <= 10);
      CHECK(code.size() - code.find('-') - 1 == suffixes[i]);
      CHECK(test::error_of_codes({code}).empty());
    }
  }
}

TEST_CASE("a stage counts its codes as they are: words times suffixes") {
  const code_format small = {all_words().first(3), {"23", "456"}, 100};
  CHECK(small.possible_codes() == 18);
  splitmix64 random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(draw_code(small, random));
  CHECK(seen.size() == 18);
}

TEST_CASE("the smallest stage is taken in which few enough codes are live") {
  const std::int64_t codes_per_live_room[] = {100, 1'000, 50'000, 50'000};
  for (std::size_t i = 0; i < code_formats().size(); ++i) {
    CAPTURE(i);
    const std::int64_t most = most_rooms(format_at(i));
    CHECK(format_for(most) == &format_at(i));
    const bool is_last = i + 1 == code_formats().size();
    CHECK(format_for(most + 1) == (is_last ? nullptr : &format_at(i + 1)));
    CHECK(format_at(i).codes_per_live_room == codes_per_live_room[i]);
    CHECK(most * codes_per_live_room[i] <= format_at(i).possible_codes());
    CHECK((most + 1) * codes_per_live_room[i] > format_at(i).possible_codes());
  }
}

TEST_CASE("a hundred sessions have codes with two digits, and a million sessions fit") {
  CHECK(format_for(100) == &format_at(0));
  CHECK(format_for(1'000'000) != nullptr);
}

TEST_CASE("no character of a suffix looks like another, or is a vowel") {
  std::set<char> used;
  for (const code_format& format : code_formats()) {
    for (const std::string_view place : format.suffix) {
      used.insert(place.begin(), place.end());
      CHECK(std::set<char>(place.begin(), place.end()).size() == place.size());
    }
  }
  const auto* const look_alikes = GENERATE("0OQD", "1IL", "2Z", "5S", "6G", "8B", "UV");
  std::int64_t present = 0;
  for (const char c : std::string_view(look_alikes)) present += used.count(c) != 0 ? 1 : 0;
  // D and Q resemble an O or a 0, and neither of these is ever in a suffix.
  CHECK(present <= (std::string_view(look_alikes) == "0OQD" ? 2 : 1));
  for (const char vowel : std::string_view("AEIOUY")) CHECK(used.count(vowel) == 0);
}

TEST_CASE("letters never stand three in a row, nor next to a 3 or 4, but in words") {
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  splitmix64 random(5);
  for (const code_format& format : code_formats()) {
    for (int draw = 0; draw < 2'000; ++draw) {
      const std::string code = draw_code(format, random);
      CAPTURE(code);
      const std::size_t begin = format.words.empty() ? 0 : code.find('-');
      int letters_in_a_row = 0;
      bool has_letters = false;
      for (const char c : code.substr(begin)) {
        letters_in_a_row = is_letter(c) ? letters_in_a_row + 1 : 0;
        has_letters = has_letters || is_letter(c);
        REQUIRE(letters_in_a_row < 3);
      }
      REQUIRE_FALSE((has_letters && code.find_first_of("34", begin) != std::string::npos));
    }
  }
}

TEST_CASE("a format without words counts the codes that have no three letters in a row") {
  // By hand: of two letters and a digit at three places, all but the 2 * 2 * 2 that are letters.
  const code_format three = {all_words().first(1), {"AB2", "AB2", "AB2"}, 100};
  CHECK(three.possible_codes() == 27 - 8);
  // 21 characters, 17 of them letters: 71,656 fours and 1,092,084 fives.
  CHECK(code_formats().back().possible_codes() == std::int64_t{71'656} * 1'092'084);
}

TEST_CASE("a typed code has its format, and nonsense has none") {
  const auto format_of_typed = [](std::string_view text) {
    return format_of(canonicalize(text).value());
  };
  CHECK(format_of_typed("music 42") == &format_at(0));
  CHECK(format_of_typed("s0l0-2345") == &format_at(1));
  CHECK(format_of_typed("KIND-VD2BT") == &format_at(2));
  CHECK(format_of_typed("bt7k-2xr9m") == &format_at(3));
  for (const auto* const nonsense :
       {"INVALID-99", "MUSIC", "42", "MUSIC-46", "MUSIC-423", "BTK7-2XR9MM", "BTKX-2XR9M", "A"}) {
    CAPTURE(nonsense);
    CHECK(format_of_typed(nonsense) == nullptr);
  }
}

TEST_CASE("numbers that make people wince do not come up") {
  for (const code_format& format : code_formats()) {
    for (const std::string_view place : format.suffix) {
      CHECK(place.find('6') == std::string_view::npos);
      CHECK(place.find('8') == std::string_view::npos);
    }
  }
}

TEST_CASE("every word and every digit comes up, about as often as any other") {
  splitmix64 random(11);
  std::vector<int> words(all_words().size());
  std::vector<int> digits(128);
  const int draws = 100 * static_cast<int>(words.size());
  for (int i = 0; i < draws; ++i) {
    const std::string code = draw_code(format_at(0), random);
    const auto word = std::find(all_words().begin(), all_words().end(),
                                std::string_view(code).substr(0, code.find('-')));
    ++words[static_cast<std::size_t>(word - all_words().begin())];
    ++digits[static_cast<std::size_t>(code.back())];
  }
  // A hundred are expected of each; these bounds are five standard deviations away.
  CHECK(*std::min_element(words.begin(), words.end()) > 50);
  CHECK(*std::max_element(words.begin(), words.end()) < 150);
  for (const char digit : format_at(0).suffix[1]) {
    const double share = static_cast<double>(digits[static_cast<std::size_t>(digit)]) / draws;
    CHECK(share * static_cast<double>(format_at(0).suffix[1].size()) == Approx(1).margin(0.05));
  }
}

TEST_CASE("the same seed draws the same codes on every platform") {
  splitmix64 random(42);
  std::vector<std::string> codes;
  for (const code_format& format : code_formats()) codes.push_back(draw_code(format, random));
  CHECK(codes == std::vector<std::string>{"HALL-32", "MANGO-7234", "BOLD-CC7GP", "5J5Q-K9WJ7"});
}

TEST_CASE("the codes of ten live sessions are short, and differ") {
  const std::vector<std::string> codes = fill(10);
  CHECK(test::error_of_codes(codes).empty());
  for (const std::string& code : codes) CHECK(code.size() <= 8);
}

TEST_CASE("the codes of ten thousand live sessions differ, and are few of those possible") {
  CHECK(test::error_of_codes(fill(10'000)).empty());
}

}  // namespace
}  // namespace downbeat::session
