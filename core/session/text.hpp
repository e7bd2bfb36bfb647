#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace downbeat::session {

/// Why a name or an instrument is refused.
enum class text_error { length, control_character, invisible };

/// The normalized text, or why it is refused.
using normalized = std::variant<std::string, text_error>;

/// Trims and checks a name or an instrument in valid UTF-8. `max_length` counts Unicode code
/// points; 0 means no limit. Of a long text it reads only the surrounding space and the first
/// `max_length` characters.
normalized normalize(std::string_view text, std::int64_t max_length);

/// The message for the client, such as `name must be 1 to 32 characters`.
std::string message_of(text_error error, std::string_view field, std::int64_t max_length);

}  // namespace downbeat::session
