#pragma once

#include "entropy.hpp"
#include "session/room_key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace downbeat::session {

/// One way of making codes: a word, a hyphen, and a suffix, such as `MUSIC-42`. They grow from
/// stage to stage, and never past ten characters. In the last stage there is no word any more, for
/// want of room: `BT7K-2XR9M`.
struct code_stage {
  std::span<const std::string_view> words;  ///< empty: four characters like those of the suffix
  /// What may stand at each place of the suffix; nothing after its last.
  std::array<std::string_view, 5> suffix;
  /// Of so many possible codes at most one is live.
  std::int64_t codes_per_live_room;

  /// How many codes can be made in this way.
  [[nodiscard]] std::int64_t possible_codes() const;
};

inline constexpr std::size_t code_stage_count = 4;

/// All stages, the one with the fewest codes first.
std::span<const code_stage, code_stage_count> code_stages();

/// The first stage with codes enough for so many live rooms, the new one among them. Null when
/// there are more rooms than any stage has codes for, which is past a million.
const code_stage* stage_for(std::int64_t rooms);

/// The stage whose codes look like this, or null. No code fits two.
const code_stage* stage_of(const room_key& key);

/// Draws a code, each as likely as the others. It may be one that is live.
std::string draw_code(const code_stage& stage, splitmix64& random);

}  // namespace downbeat::session
