#include "session/canonical_code.hpp"

#include "base/entropy.hpp"
#include "session/character.hpp"
#include "text/fnv1a.hpp"

#include <algorithm>
#include <cstddef>

namespace downbeat::session {
namespace {

/// Ten characters need fewer bytes than this, however they are written.
constexpr std::size_t max_input_bytes = 64;

/// Whether the character is ignored in a code that a user typed, like the hyphen or quotes around
/// it. No code contains such characters. Pasted text may contain invisible ones.
bool is_separator(char32_t code_point) {
  return is_space(code_point) || is_dash(code_point) || is_punctuation(code_point) ||
         is_invisible(code_point);
}

/// The letter or digit that a character counts as; nothing if no code can contain it.
std::optional<char> folded(char32_t code_point) {
  if (code_point >= '0' && code_point <= '9') return static_cast<char>(code_point);
  if (code_point >= 'a' && code_point <= 'z') code_point = code_point - 'a' + 'A';
  if (code_point < 'A' || code_point > 'Z') return std::nullopt;
  switch (code_point) {
    case 'O': return '0';
    case 'I':
    case 'L': return '1';
    default: return static_cast<char>(code_point);
  }
}

}  // namespace

std::optional<canonical_code> canonicalize(std::string_view code) {
  if (code.size() > max_input_bytes) return std::nullopt;
  canonical_code key;
  while (!code.empty()) {
    const character next = first_character(code);
    code.remove_prefix(next.size);
    const char32_t code_point = without_width(next.code_point);
    if (const std::optional<char> kept = folded(code_point)) {
      key += *kept;
    } else if (!is_separator(code_point)) {
      return std::nullopt;
    }
  }
  if (key.empty()) return std::nullopt;
  return key;
}

bool is_canonical_of(std::string_view key, std::string_view text) {
  return std::equal(key.begin(), key.end(), text.begin(), text.end(),
                    [](char of_key, char of_text) {
                      return folded(static_cast<unsigned char>(of_text)) == of_key;
                    });
}

shard_index shard_of(const canonical_code& key, shard_index shards) {
  if (shards == 1) return 0;
  fnv1a of_key;
  of_key.add(key);
  // The low bits of the digest depend on few characters, so mix it again.
  return static_cast<shard_index>(splitmix64(of_key.value()).next() % shards);
}

}  // namespace downbeat::session
