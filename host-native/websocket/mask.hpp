#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace downbeat::host {

using masking_key = std::array<std::uint8_t, 4>;

/// Adds or removes the mask of a payload (RFC 6455, 5.3). `offset` is the position of the first
/// byte in the payload.
inline void apply_mask(std::span<char> bytes, const masking_key& key, std::uint64_t offset) {
  std::array<std::uint8_t, 8> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(offset + i) % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), sizeof wide);

  std::size_t at = 0;
  for (; at + sizeof wide <= bytes.size(); at += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    word ^= wide;
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
  for (std::size_t i = 0; at + i < bytes.size(); ++i) {
    char& byte = bytes[at + i];
    byte = static_cast<char>(static_cast<std::uint8_t>(byte) ^ turned[i]);
  }
}

}  // namespace downbeat::host
