#pragma once

#include "text/words.hpp"

#include <cstddef>
#include <string_view>

/// Fast search in checked JSON text, where a quote or bracket cannot mean anything else. With
/// unchecked text the functions never read beyond its end, but their result is meaningless.
namespace downbeat::json {

/// The position of the next quote, bracket or brace at or after `at`, or the end of the text.
inline std::size_t find_structure(std::string_view text, std::size_t at) {
  while (text.size() - at >= sizeof(words::word)) {
    const words::word bytes = words::load(text.data() + at);
    // Brackets and braces differ in this bit only. It also maps U+0002 to a quote, but checked text
    // has no control characters.
    const words::word folded = bytes | words::repeat(0x20);
    const words::word marks = words::mark_equal(folded, '"') | words::mark_equal(folded, '{') |
                              words::mark_equal(folded, '}');
    if (marks != 0) return at + words::first_marked(marks);
    at += sizeof(words::word);
  }
  while (at != text.size()) {
    switch (text[at]) {
      case '"':
      case '[':
      case ']':
      case '{':
      case '}': return at;
      default: ++at;
    }
  }
  return at;
}

/// The position behind the closing quote of the string literal that begins at `at`.
inline std::size_t end_of_string(std::string_view text, std::size_t at) {
  ++at;
  for (;;) {
    while (text.size() - at >= sizeof(words::word)) {
      const words::word bytes = words::load(text.data() + at);
      const words::word marks = words::mark_equal(bytes, '"') | words::mark_equal(bytes, '\\');
      if (marks != 0) {
        at += words::first_marked(marks);
        break;
      }
      at += sizeof(words::word);
    }
    while (at != text.size() && text[at] != '"' && text[at] != '\\') ++at;
    if (at == text.size()) return at;
    if (text[at] == '"') return at + 1;
    // After a backslash only the next character can be a quote or a backslash.
    at += 2;
    if (at > text.size()) return text.size();
  }
}

}  // namespace downbeat::json
