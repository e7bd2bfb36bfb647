#pragma once

#include "base/entropy.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {

/// Writes random JSON texts: every construct of the grammar, whitespace wherever it may be, doubled
/// keys, escaped keys. The same seed writes the same texts.
class random_json {
 public:
  explicit random_json(std::uint64_t seed) : random_(seed) {}

  /// A text without lone surrogates, its numbers within the range of a double.
  std::string text() {
    has_whitespace_ = random_.below(2) == 0;
    std::string out;
    append_value(out, 4);
    return out;
  }

  /// A text in which a few places have been broken, or not.
  std::string broken_text() {
    std::string out = text();
    for (std::uint64_t i = random_.below(3) + 1; i != 0; --i) break_somewhere(out);
    return out;
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

  std::string_view pick(const std::vector<std::string_view>& choices) {
    return choices[static_cast<std::size_t>(random_.below(choices.size()))];
  }

 private:
  void append_space(std::string& out) {
    if (has_whitespace_ && random_.below(3) == 0) {
      out += pick({" ", "\t", "\n", "\r", "\r\n  ", "          "});
    }
  }

  void append_value(std::string& out, int levels) {
    append_space(out);
    const std::uint64_t choice = random_.below(levels == 0 ? 4 : 7);
    if (choice < 4) {
      append_scalar(out);
    } else if (choice < 5) {
      append_array(out, levels - 1);
    } else {
      append_object(out, levels - 1);
    }
    append_space(out);
  }

  void append_scalar(std::string& out) {
    switch (random_.below(4)) {
      case 0: out += pick({"true", "false", "null"}); break;
      case 1:
        out += pick({"0", "-0", "7", "-12", "64", "0.8", "-0.125", "1e3", "1E+2", "25e-1", "1.5e0",
                     "123456789", "9007199254740993", "18446744073709551615", "-0.0"});
        break;
      default: append_string(out);
    }
  }

  void append_string(std::string& out) {
    out += '"';
    for (std::uint64_t i = random_.below(7); i != 0; --i) {
      out += pick({"a",
                   "note",
                   "session:event",
                   " ",
                   "{",
                   "}",
                   "[",
                   "]",
                   ",",
                   ":",
                   "\\\"",
                   "\\\\",
                   "\\/",
                   "\\b\\f\\n\\r\\t",
                   "\\u0041",
                   "\\u0000",
                   "\\u00e9",
                   "\\ud83c\\udfb5",
                   "\xc3\xa9",
                   "\xe2\x82\xac",
                   "\xf0\x9f\x8e\xb5",
                   "\x7f",
                   "0123456789abcdef"});
    }
    out += '"';
  }

  void append_array(std::string& out, int levels) {
    out += '[';
    append_space(out);
    for (std::uint64_t i = random_.below(5); i != 0; --i) {
      append_value(out, levels);
      if (i != 1) out += ',';
    }
    out += ']';
  }

  void append_object(std::string& out, int levels) {
    out += '{';
    append_space(out);
    for (std::uint64_t i = random_.below(5); i != 0; --i) {
      append_space(out);
      if (random_.below(3) == 0) {
        append_string(out);
      } else {
        out += pick({"\"type\"", "\"data\"", "\"t\\u0079pe\"", "\"\"", "\"\\\"\"", "\"a\""});
      }
      append_space(out);
      out += ':';
      append_value(out, levels);
      if (i != 1) out += ',';
    }
    out += '}';
  }

  void break_somewhere(std::string& out) {
    const auto at = static_cast<std::size_t>(random_.below(out.size() + 1));
    const auto length = static_cast<std::size_t>(random_.below(3));
    switch (random_.below(4)) {
      case 0: out.erase(at, length); break;
      case 1: out.insert(at, out.substr(at, length * 4)); break;
      case 2:
        if (at != out.size()) out[at] = "\"\\[]{},:0-+.eEtfnu \n\x1f\x7f"[random_.below(22)];
        break;
      default:
        out.insert(at,
                   pick({"\"",      "\\",       "[",    "]",    "{",   "}",       ",",    ":",
                         "0",       "-",        "+",    ".",    "e",   "1",       "true", "null",
                         " ",       "\n",       "\x0b", "\x01", "\\u", "\\u12",   "\\x",  "\\ud800",
                         "\\udc00", "\xc2\xa0", "/**/", "'",    "NaN", "Infinity"}));
    }
  }

  splitmix64 random_;
  bool has_whitespace_ = false;
};

}  // namespace downbeat::test
