#pragma once

#include "base/entropy.hpp"
#include "session/canonical_code.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace downbeat::session {

/// A code format: a word, a hyphen and a suffix, such as `MUSIC-42`. Later formats have longer
/// codes, up to ten characters. The last format has no space for a word: `BT7K-2XR9M`.
struct code_format {
  std::span<const std::string_view> words;  ///< empty: four characters of the suffix's kind
  /// The characters allowed at each place of the suffix; empty after its last place.
  std::array<std::string_view, 5> suffix;
  /// At most one of this number of possible codes is live.
  std::int64_t codes_per_live_room;

  /// How many different codes this format has.
  [[nodiscard]] std::int64_t possible_codes() const;
};

inline constexpr std::size_t code_format_count = 4;

/// All formats; the one with the fewest codes is first.
std::span<const code_format, code_format_count> code_formats();

/// The first format with enough codes for this number of live rooms, with the new one. Null if no
/// format has enough (more than a million rooms).
const code_format* format_for(std::int64_t rooms);

/// The format of a canonical code, or null. No code fits two formats.
const code_format* format_of(const canonical_code& key);

/// Draws a code, each with the same probability. A live room may have it already.
std::string draw_code(const code_format& format, splitmix64& random);

}  // namespace downbeat::session
