#include "session/room_key.hpp"

#include "entropy.hpp"
#include "session/character.hpp"
#include "text/digest.hpp"

#include <algorithm>
#include <cstddef>

namespace downbeat::session {
namespace {

/// More bytes than anybody's way of writing ten characters takes.
constexpr std::size_t max_input_bytes = 64;

bool is_separator(char32_t code_point) {
  if (is_space(code_point) || is_dash(code_point)) return true;
  switch (code_point) {
    case '_':
    case '.':
    case ':':
    case '/':
    case '+': return true;
    default: return false;
  }
}

/// The letter or digit that a character stands for in a key; nothing for any other character.
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

std::optional<room_key> fold(std::string_view code) {
  if (code.size() > max_input_bytes) return std::nullopt;
  room_key key;
  while (!code.empty()) {
    const character next = first_character(code);
    code.remove_prefix(next.size);
    if (is_separator(next.code_point)) continue;
    const std::optional<char> kept = folded(next.code_point);
    if (!kept) return std::nullopt;
    key += *kept;
  }
  if (key.empty()) return std::nullopt;
  return key;
}

bool is_key_of(std::string_view key, std::string_view text) {
  return std::equal(key.begin(), key.end(), text.begin(), text.end(),
                    [](char of_key, char of_text) {
                      return folded(static_cast<unsigned char>(of_text)) == of_key;
                    });
}

shard_index shard_of(const room_key& key, shard_index shards) {
  if (shards == 1) return 0;
  digest of_key;
  of_key.add(key);
  // The digest's low bits hang on few of the key's.
  return static_cast<shard_index>(splitmix64(of_key.value()).next() % shards);
}

}  // namespace downbeat::session
