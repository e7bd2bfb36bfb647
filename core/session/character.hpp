#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::session {

/// One Unicode code point and its length in bytes of UTF-8.
struct character {
  char32_t code_point;
  std::size_t size;
};

/// The first and the last character of a text, which must not be empty. A byte that is not part of
/// valid UTF-8 gives U+FFFD.
character first_character(std::string_view text);
character last_character(std::string_view text);

/// Whether JavaScript's `trim` removes this character. Client and server must agree on that.
bool is_space(char32_t code_point);

/// Whether it is a hyphen, a dash or a minus of any width.
bool is_dash(char32_t code_point);

/// Whether the character is invisible but not a space: Unicode's default ignorable characters
/// (joiners, direction marks, variation selectors, fillers, tags, soft hyphen) and the blank ones
/// that Unicode counts as letters or symbols.
bool is_invisible(char32_t code_point);

/// Whether it is in one of the blocks of combining diacritical marks, which are drawn over the
/// character before them.
bool is_combining_mark(char32_t code_point);

/// Whether it is an ASCII punctuation mark or symbol, or general punctuation of Unicode: quotes,
/// dots, dashes, brackets, arrows and their full-width forms.
bool is_punctuation(char32_t code_point);

/// The ASCII character of a full-width one (U+FF01 to U+FF5E); any other character is returned as
/// it is.
char32_t without_width(char32_t code_point);

/// Whether it is a control character (C0, DEL, C1) or a line separator (U+2028, U+2029).
bool is_control(char32_t code_point);

}  // namespace downbeat::session
