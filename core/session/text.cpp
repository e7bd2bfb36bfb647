#include "session/text.hpp"

#include "session/character.hpp"

namespace downbeat::session {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const character first = first_character(text);
    if (!is_space(first.code_point)) break;
    text.remove_prefix(first.size);
  }
  while (!text.empty()) {
    const character last = last_character(text);
    if (!is_space(last.code_point)) break;
    text.remove_suffix(last.size);
  }
  return text;
}

/// Whether a text of only such characters would be invisible.
bool shows_nothing(char32_t code_point) {
  // A fast path: nearly all names begin with such a character.
  if (code_point > ' ' && code_point < 0x7f) return false;
  return is_space(code_point) || is_invisible(code_point) || is_combining_mark(code_point);
}

}  // namespace

normalized normalize(std::string_view text, std::int64_t max_length) {
  const std::string_view kept = trim(text);
  if (kept.empty()) return text_error::length;
  bool has_control = false;
  bool is_visible = false;
  std::int64_t length = 0;
  for (std::string_view rest = kept; !rest.empty(); ++length) {
    if (max_length != 0 && length == max_length) return text_error::length;
    const character next = first_character(rest);
    has_control = has_control || is_control(next.code_point);
    is_visible = is_visible || !shows_nothing(next.code_point);
    rest.remove_prefix(next.size);
  }
  if (has_control) return text_error::control_character;
  if (!is_visible) return text_error::invisible;
  return std::string(kept);
}

std::string message_of(text_error error, std::string_view field, std::int64_t max_length) {
  std::string message(field);
  switch (error) {
    case text_error::length:
      message += max_length == 0 ? " must not be empty"
                                 : " must be 1 to " + std::to_string(max_length) + " characters";
      break;
    case text_error::invisible: message += " must have a character that can be seen"; break;
    case text_error::control_character: message += " must not contain control characters"; break;
  }
  return message;
}

}  // namespace downbeat::session
