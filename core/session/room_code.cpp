#include "session/room_code.hpp"

#include "session/words.hpp"

#include <cstddef>

namespace downbeat::session {
namespace {

// No look-alikes of a letter (0, 1, 6, 8), and so neither of the numbers that make people giggle
// or wince (69, 88, 666).
constexpr std::string_view digits = "234579";

// Letters make up words, also with digits in the place of vowels. So there are no vowels here, nor
// 3 and 4, nor look-alikes of a digit (S of 5, Z of 2), nor Y; and a place for a digit keeps
// letters from standing three in a row.
constexpr std::string_view mixed = "2579BCDFGHJKMNPQRTVWX";
constexpr std::string_view breaks = mixed.substr(0, 4);
constexpr std::string_view letters = mixed.substr(4);

std::string_view pick(std::span<const std::string_view> from, splitmix64& random) {
  return from[static_cast<std::size_t>(random.below(from.size()))];
}

char pick(std::string_view from, splitmix64& random) {
  return from[static_cast<std::size_t>(random.below(from.size()))];
}

}  // namespace

std::int64_t code_stage::possible_codes() const {
  std::int64_t codes = static_cast<std::int64_t>(words.size());
  for (const std::string_view place : suffix) {
    if (!place.empty()) codes *= static_cast<std::int64_t>(place.size());
  }
  return codes;
}

std::span<const code_stage> code_stages() {
  // No code fits two stages: they differ in length, or end in a digit or a letter.
  static const std::array<code_stage, 5> stages = {{
      {all_words(), {digits, digits}},
      {all_words(), {digits, digits, digits}},
      {all_words(), {digits, digits, digits, digits}},
      {all_words(), {mixed, mixed, breaks, letters}},
      {short_words(), {mixed, mixed, breaks, mixed, letters}},
  }};
  return stages;
}

const code_stage* stage_for(std::int64_t rooms) {
  for (const code_stage& stage : code_stages()) {
    if (rooms <= stage.possible_codes() / codes_per_live_room) return &stage;
  }
  return nullptr;
}

std::string draw_code(const code_stage& stage, splitmix64& random) {
  std::string code(pick(stage.words, random));
  code += '-';
  for (const std::string_view place : stage.suffix) {
    if (!place.empty()) code += pick(place, random);
  }
  return code;
}

}  // namespace downbeat::session
