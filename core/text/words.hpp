#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Scanning text eight bytes at a time.
///
/// The `mark_` functions set the top bit of each byte that matches. Only the lowest mark is
/// reliable: because subtraction borrows, bytes above it may be marked wrongly. Use only the first
/// mark, or whether there is one.
namespace downbeat::words {

using word = std::uint64_t;

/// A word with the same byte eight times.
constexpr word repeat(unsigned char byte) {
  return 0x0101010101010101u * word{byte};
}

/// Loads eight bytes. The first one is the lowest, on big-endian machines, too.
inline word load(const char* from) {
  word bytes = 0;
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

/// The index of the first marked byte. At least one must be marked.
inline std::size_t first_marked(word marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

}  // namespace downbeat::words
