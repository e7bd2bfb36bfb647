#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::session {

/// One Unicode character, and how many bytes of UTF-8 it takes.
struct character {
  char32_t code_point;
  std::size_t size;
};

/// The first and the last character of a text that is not empty. The text should be valid UTF-8;
/// a byte that belongs to no character reads as U+FFFD.
character first_character(std::string_view text);
character last_character(std::string_view text);

/// Whether JavaScript's `trim` removes it, so that client and server agree on what is left.
bool is_space(char32_t code_point);

/// Whether it is a hyphen, a dash or a minus of any width.
bool is_dash(char32_t code_point);

/// Whether it is a control character (C0, DEL, C1) or breaks the line (U+2028, U+2029).
bool is_control(char32_t code_point);

}  // namespace downbeat::session
