#pragma once

#include <span>
#include <string_view>

namespace downbeat::session {

/// The words that room codes begin with: musical or cheerful, of three to five capital letters,
/// no two alike to the eye, and none that means something unfortunate in a common language.
std::span<const std::string_view> all_words();

/// Those of them that have at most four letters.
std::span<const std::string_view> short_words();

}  // namespace downbeat::session
