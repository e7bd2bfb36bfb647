#include "session/room_code.hpp"

#include "session/words.hpp"

#include <algorithm>

namespace downbeat::session {
namespace {

// No look-alikes of a letter (0, 1, 6, 8), and so neither of the numbers that make people giggle
// or wince (69, 88, 666).
constexpr std::string_view digits = "234579";

// Letters make up words, also with digits in the place of vowels. So there are no vowels here, nor
// 3 and 4, nor look-alikes of a digit (S of 5, Z of 2), nor Y; and letters never stand three in a
// row.
constexpr std::string_view mixed = "2579BCDFGHJKMNPQRTVWX";
constexpr std::string_view breaks = mixed.substr(0, 4);
constexpr std::string_view letters = mixed.substr(4);
constexpr std::int64_t most_letters_in_a_row = 2;

/// What stands in a word's place where there is none.
constexpr std::array<std::string_view, 4> front = {mixed, mixed, mixed, mixed};

using places = std::span<const std::string_view>;

places suffix_of(const code_stage& stage) {
  const auto end = std::find(stage.suffix.begin(), stage.suffix.end(), std::string_view());
  return {stage.suffix.begin(), end};
}

bool is_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

bool has_too_many_letters(std::string_view text) {
  std::int64_t in_a_row = 0;
  return std::any_of(text.begin(), text.end(), [&](char c) {
    in_a_row = is_letter(c) ? in_a_row + 1 : 0;
    return in_a_row > most_letters_in_a_row;
  });
}

/// How many texts can be drawn, counted by the letters that they end with.
std::int64_t count_of(places where) {
  std::array<std::int64_t, most_letters_in_a_row + 1> ending = {1};
  for (const std::string_view place : where) {
    const std::int64_t letters_here = std::count_if(place.begin(), place.end(), is_letter);
    const std::int64_t others_here = static_cast<std::int64_t>(place.size()) - letters_here;
    ending = {(ending[0] + ending[1] + ending[2]) * others_here, ending[0] * letters_here,
              ending[1] * letters_here};
  }
  return ending[0] + ending[1] + ending[2];
}

template <class From>
auto pick(const From& from, splitmix64& random) {
  return from[static_cast<std::size_t>(random.below(from.size()))];
}

std::string draw(places where, splitmix64& random) {
  for (;;) {
    std::string text;
    for (const std::string_view place : where) text += pick(place, random);
    if (!has_too_many_letters(text)) return text;
  }
}

bool fits(places where, std::string_view text) {
  if (text.size() != where.size() || has_too_many_letters(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (where[i].find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

bool fits(const code_stage& stage, std::string_view key) {
  const places suffix = suffix_of(stage);
  if (key.size() <= suffix.size()) return false;
  const std::string_view begin = key.substr(0, key.size() - suffix.size());
  if (!fits(suffix, key.substr(begin.size()))) return false;
  if (stage.words.empty()) return fits(front, begin);
  return std::any_of(stage.words.begin(), stage.words.end(),
                     [&](std::string_view word) { return is_key_of(begin, word); });
}

}  // namespace

std::int64_t code_stage::possible_codes() const {
  const std::int64_t begins =
      words.empty() ? count_of(front) : static_cast<std::int64_t>(words.size());
  return begins * count_of(suffix_of(*this));
}

std::span<const code_stage, code_stage_count> code_stages() {
  // No code fits two stages: they differ in length, or end in a digit or a letter, or have a word
  // with a letter that is never mixed. While there are few rooms, codes are easy to say; the more
  // there are, the less a guess is worth. From the third stage on it is worth nothing, even to
  // those who can make thousands of them.
  static const std::array<code_stage, code_stage_count> stages = {{
      {all_words(), {digits, digits}, 100},
      {all_words(), {digits, digits, digits, digits}, 1'000},
      {short_words(), {mixed, mixed, breaks, mixed, letters}, 50'000},
      {{}, {mixed, mixed, mixed, mixed, mixed}, 50'000},
  }};
  return stages;
}

const code_stage* stage_for(std::int64_t rooms) {
  for (const code_stage& stage : code_stages()) {
    if (rooms <= stage.possible_codes() / stage.codes_per_live_room) return &stage;
  }
  return nullptr;
}

const code_stage* stage_of(const room_key& key) {
  for (const code_stage& stage : code_stages()) {
    if (fits(stage, key)) return &stage;
  }
  return nullptr;
}

std::string draw_code(const code_stage& stage, splitmix64& random) {
  std::string code(stage.words.empty() ? draw(front, random)
                                       : std::string(pick(stage.words, random)));
  code += '-';
  return code += draw(suffix_of(stage), random);
}

}  // namespace downbeat::session
