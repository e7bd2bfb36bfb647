#include "session/room_code.hpp"

#include "session/words.hpp"

#include <algorithm>

namespace downbeat::session {
namespace {

// No digits that look like letters (0, 1, 6, 8). This also excludes numbers with another meaning
// (69, 88, 666).
constexpr std::string_view digits = "234579";

// Codes must not spell words, also not with digits for vowels. So: no vowels, no 3 or 4, no letters
// that look like digits (S and 5, Z and 2), no Y, and never three letters in a row.
constexpr std::string_view mixed = "2579BCDFGHJKMNPQRTVWX";
constexpr std::string_view breaks = mixed.substr(0, 4);
constexpr std::string_view letters = mixed.substr(4);
constexpr std::int64_t most_letters_in_a_row = 2;

/// The places in front of the hyphen if there is no word.
constexpr std::array<std::string_view, 4> front = {mixed, mixed, mixed, mixed};

using places = std::span<const std::string_view>;

places suffix_of(const code_format& format) {
  const auto end = std::find(format.suffix.begin(), format.suffix.end(), std::string_view());
  return {format.suffix.begin(), end};
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

/// How many texts can be drawn. Counts them by the number of letters at their end.
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

bool fits(const code_format& format, std::string_view key) {
  const places suffix = suffix_of(format);
  if (key.size() <= suffix.size()) return false;
  const std::string_view begin = key.substr(0, key.size() - suffix.size());
  if (!fits(suffix, key.substr(begin.size()))) return false;
  if (format.words.empty()) return fits(front, begin);
  return std::any_of(format.words.begin(), format.words.end(),
                     [&](std::string_view word) { return is_canonical_of(begin, word); });
}

}  // namespace

std::int64_t code_format::possible_codes() const {
  const std::int64_t begins =
      words.empty() ? count_of(front) : static_cast<std::int64_t>(words.size());
  return begins * count_of(suffix_of(*this));
}

std::span<const code_format, code_format_count> code_formats() {
  // No code fits two formats: they differ in length, in whether they end in a digit or a letter, or
  // have a word with a letter that mixed places never have. With few rooms codes are easy to say.
  // With more rooms a guess succeeds less often; from the third format on, guessing does not pay
  // even for an attacker with thousands of tries.
  static const std::array<code_format, code_format_count> formats = {{
      {all_words(), {digits, digits}, 100},
      {all_words(), {digits, digits, digits, digits}, 1'000},
      {short_words(), {mixed, mixed, breaks, mixed, letters}, 50'000},
      {{}, {mixed, mixed, mixed, mixed, mixed}, 50'000},
  }};
  return formats;
}

const code_format* format_for(std::int64_t rooms) {
  for (const code_format& format : code_formats()) {
    if (rooms <= format.possible_codes() / format.codes_per_live_room) return &format;
  }
  return nullptr;
}

const code_format* format_of(const canonical_code& key) {
  for (const code_format& format : code_formats()) {
    if (fits(format, key)) return &format;
  }
  return nullptr;
}

std::string draw_code(const code_format& format, splitmix64& random) {
  std::string code(format.words.empty() ? draw(front, random)
                                        : std::string(pick(format.words, random)));
  code += '-';
  return code += draw(suffix_of(format), random);
}

}  // namespace downbeat::session
