#include "text/sha256.hpp"

#include <algorithm>

namespace downbeat {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;

using state = std::array<std::uint32_t, 8>;
using block = std::array<std::uint8_t, block_bytes>;

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
constexpr state initial_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr std::uint32_t rotate(std::uint32_t word, int by) {
  return (word >> by) | (word << (32 - by));
}

void take_in(state& of, const block& bytes) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = static_cast<std::uint32_t>(bytes[i * 4]) << 24 |
           static_cast<std::uint32_t>(bytes[i * 4 + 1]) << 16 |
           static_cast<std::uint32_t>(bytes[i * 4 + 2]) << 8 |
           static_cast<std::uint32_t>(bytes[i * 4 + 3]);
  }
  for (std::size_t i = 16; i < w.size(); ++i) {
    const std::uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = of;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const std::uint32_t choice = (e & f) ^ (~e & g);
    const std::uint32_t t1 = h + s1 + choice + round_constants[i] + w[i];
    const std::uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority;
  }
  const state step = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < of.size(); ++i) of[i] += step[i];
}

}  // namespace

sha256_digest sha256(std::string_view bytes) {
  const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
  state result = initial_state;
  block next{};
  for (; bytes.size() >= block_bytes; bytes.remove_prefix(block_bytes)) {
    std::copy_n(bytes.begin(), block_bytes, next.begin());
    take_in(result, next);
  }
  // Padding (FIPS 180-4, section 5.1.1): a one bit, zeros, and the length in bits.
  next = {};
  std::copy_n(bytes.begin(), bytes.size(), next.begin());
  next[bytes.size()] = 0x80;
  if (bytes.size() >= block_bytes - length_bytes) {
    take_in(result, next);
    next = {};
  }
  for (std::size_t i = 0; i < length_bytes; ++i) {
    next[block_bytes - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  take_in(result, next);

  sha256_digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(result[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

bool equal_in_constant_time(const sha256_digest& a, const sha256_digest& b) {
  std::uint8_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differing = static_cast<std::uint8_t>(differing | (a[i] ^ b[i]));
  }
  return differing == 0;
}

}  // namespace downbeat
