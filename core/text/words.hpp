#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Text in words of eight bytes, so that a scan decides on eight characters at once.
///
/// A search marks bytes by their top bit. Its lowest mark is always right; those above may be
/// wrong, because a subtraction borrows. So only the first one is asked for, or whether there is
/// any.
namespace downbeat::words {

using word = std::uint64_t;

/// The same byte eight times.
constexpr word repeat(unsigned char byte) {
  return 0x0101010101010101u * word{byte};
}

/// The next eight bytes, the first of them lowest on every machine.
inline word load(const char* from) {
  word bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

/// Marks the bytes that are not ASCII.
constexpr word mark_non_ascii(word bytes) {
  return bytes & repeat(0x80);
}

/// Marks the bytes below `limit`, which is at most 0x80.
constexpr word mark_below(word bytes, unsigned char limit) {
  return (bytes - repeat(limit)) & ~bytes & repeat(0x80);
}

/// Marks the bytes that equal `byte`.
constexpr word mark_equal(word bytes, unsigned char byte) {
  return mark_below(bytes ^ repeat(byte), 1);
}

/// Where the first marked byte is. There is one.
inline std::size_t first_marked(word marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

}  // namespace downbeat::words
