#pragma once

#include "entropy.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace downbeat::session {

/// Of so many possible codes at most one is live, so that guessing finds nobody.
inline constexpr std::int64_t codes_per_live_room = 100;

/// One way of making codes: a word, a hyphen, and a suffix. They grow from stage to stage, and
/// never past ten characters.
struct code_stage {
  std::span<const std::string_view> words;
  /// What may stand at each place of the suffix; nothing after its last.
  std::array<std::string_view, 5> suffix;

  /// How many codes can be made in this way.
  [[nodiscard]] std::int64_t possible_codes() const;
};

/// All stages, the one with the fewest codes first.
std::span<const code_stage> code_stages();

/// The first stage with codes enough for so many live rooms, the new one among them. Null when
/// there are more rooms than any stage has codes for, which is past a million.
const code_stage* stage_for(std::int64_t rooms);

/// Draws a code, such as `MUSIC-42`, each as likely as the others. It may be one that is live.
std::string draw_code(const code_stage& stage, splitmix64& random);

}  // namespace downbeat::session
