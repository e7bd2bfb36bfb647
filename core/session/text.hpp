#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::session {

/// What is wrong with a name or an instrument.
enum class text_flaw { length, control_character };

/// The text as it is kept, or why it is refused.
using tidied = std::variant<std::string, text_flaw>;

/// Trims a name or an instrument, given in UTF-8, and looks it over. However long the text is,
/// only its surrounding space and its first `max_length` characters are read, which are counted as
/// Unicode code points; 0 lifts that limit.
tidied tidy(std::string_view text, std::int64_t max_length);

/// The flaw in words, such as `name must be 1 to 32 characters`.
std::string message_of(text_flaw flaw, std::string_view field, std::int64_t max_length);

}  // namespace downbeat::session
