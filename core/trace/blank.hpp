#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace downbeat::trace {

/// Text with every letter and every digit replaced, one for one, so that its length and its shape
/// stay and what it said is gone. Spaces, control characters and punctuation stay.
std::string blank_text(std::string_view text);

/// The same for checked, compact JSON: keys that `keep_key` knows stay, and so do the literals and
/// the structure; numbers keep their length. A string under a kept key is what `replace_value`
/// makes of key and literal, or blanked if it makes nothing of it.
struct blank_rules {
  std::function<bool(std::string_view key)> keep_key;
  std::function<std::string(std::string_view key, std::string_view literal)> replace_value;
};
std::string blank_json(std::string_view json, const blank_rules& rules);

}  // namespace downbeat::trace
