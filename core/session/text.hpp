#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::session {

/// The most characters of a name or an instrument, counted as Unicode code points.
inline constexpr std::int64_t max_text_length = 32;

/// What is wrong with a name or an instrument.
enum class text_flaw { length, control_character };

/// The text as it is kept, or why it is refused.
using tidied = std::variant<std::string, text_flaw>;

/// Trims a name or an instrument, given in UTF-8, and looks it over. However long the text is,
/// only its surrounding space and its first few characters are read.
tidied tidy(std::string_view text);

/// The flaw in words, such as `name must be 1 to 32 characters`.
std::string message_of(text_flaw flaw, std::string_view field);

}  // namespace downbeat::session
