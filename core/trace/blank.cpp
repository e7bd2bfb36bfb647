#include "trace/blank.hpp"

#include "json/scan.hpp"
#include "text/utf8.hpp"

#include <cstddef>

namespace downbeat::trace {
namespace {

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/// Blanks a string literal with its quotes. Escapes stay, except those of letters and digits.
std::string blank_literal(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size();) {
    if (literal[i] != '\\') {
      const std::size_t end = literal.find('\\', i);
      const std::string_view run = literal.substr(i, end == literal.npos ? end : end - i);
      out += blank_text(run);
      i += run.size();
    } else if (literal[i + 1] == 'u') {
      const std::string_view escape = literal.substr(i, 6);
      const bool is_control = escape.substr(2, 2) == "00" && escape[4] < '2';
      out += is_control ? escape : std::string_view("x");
      i += 6;
    } else {
      out += literal.substr(i, 2);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::string blank_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char32_t c = utf8::next(text);
    if (is_digit(c)) {
      out += '1';
    } else {
      out += is_letter(c) ? 'x' : static_cast<char>(c);
    }
  }
  return out;
}

std::string blank_json(std::string_view json, const blank_rules& rules) {
  std::string out;
  std::string_view key;  // the last one that was kept
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = json::end_of_string(json, i);
      const std::string_view literal = json.substr(i, end - i);
      const std::string_view inside = literal.substr(1, literal.size() - 2);
      i = end;
      if (i < json.size() && json[i] == ':') {
        const bool is_kept = rules.keep_key(inside);
        key = is_kept ? inside : std::string_view();
        out += is_kept ? std::string(literal) : blank_literal(literal);
        continue;
      }
      const std::string replaced = rules.replace_value(key, literal);
      out += replaced.empty() ? blank_literal(literal) : replaced;
    } else if (is_digit(static_cast<unsigned char>(c))) {
      // The index of an attachment is not secret, and the JSON would be wrong without it.
      out += key == "num" ? c : '1';
      ++i;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

}  // namespace downbeat::trace
