#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat {

/// Unpredictable bytes that a host draws for each new connection. They are used once, in disjoint
/// parts, so that nothing public tells anything of what is secret:
///
///     bytes  0 to 11   the private Engine.IO session id
///     bytes 12 to 23   the public Socket.IO ids
///     bytes 24 to 31   the seed of what this connection draws later, such as room codes
using entropy = std::array<std::uint8_t, 32>;

/// SplitMix64: a small generator whose output is the same on every platform. It is good for
/// spreading choices evenly and not for secrets.
class splitmix64 {
 public:
  explicit splitmix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// A number from 0 to bound - 1, each as likely as the others. `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound) {
    // Draws from the incomplete last stretch of the range would favour small numbers.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t draw = next();
    while (draw < unfair) draw = next();
    return draw % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace downbeat
