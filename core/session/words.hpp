#pragma once

#include <span>
#include <string_view>

namespace downbeat::session {

/// The words that room codes begin with: three to five capital letters, easy to tell apart, without
/// a bad meaning in common languages.
std::span<const std::string_view> all_words();

/// The words of at most four letters.
std::span<const std::string_view> short_words();

}  // namespace downbeat::session
