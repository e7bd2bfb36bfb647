#pragma once

#include <string>
#include <string_view>

namespace downbeat::utf8 {

/// Whether the bytes are valid UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing above
/// U+10FFFF.
bool is_valid(std::string_view bytes);

/// Removes the first code point of `text` and returns it. The text must be valid and not empty.
char32_t next(std::string_view& text);

/// Appends a code point, which must not be a surrogate.
void append(std::string& out, char32_t code_point);

}  // namespace downbeat::utf8
