#pragma once

#include <string>
#include <string_view>

namespace downbeat::utf8 {

/// Whether the bytes are UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above
/// U+10FFFF.
bool is_valid(std::string_view bytes);

/// Takes the first code point off valid, non-empty UTF-8.
char32_t next(std::string_view& text);

/// Appends a code point that is not a surrogate.
void append(std::string& out, char32_t code_point);

}  // namespace downbeat::utf8
