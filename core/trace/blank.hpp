#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace downbeat::trace {

/// Replaces every letter and digit, so that the content is gone but length and form remain. Spaces,
/// control characters and punctuation stay.
std::string blank_text(std::string_view text);

/// The same for checked, compact JSON. Structure, literals and the keys accepted by `keep_key`
/// stay; numbers keep their length. `replace_value` may give another text for a string under a kept
/// key; if it returns an empty text, the string is blanked.
struct blank_rules {
  std::function<bool(std::string_view key)> keep_key;
  std::function<std::string(std::string_view key, std::string_view literal)> replace_value;
};
std::string blank_json(std::string_view json, const blank_rules& rules);

}  // namespace downbeat::trace
