#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat {

/// Unpredictable bytes. The host draws them for each request that may open a connection.
using entropy = std::array<std::uint8_t, 64>;

/// Which bytes are used for which purpose. No byte has two uses, so a public id reveals nothing
/// about a secret one.
namespace entropy_part {

template <std::size_t First, std::size_t Size>
struct part {
  static_assert(First + Size <= std::tuple_size_v<entropy>);
  using bytes = std::array<std::uint8_t, Size>;

  static bytes of(const entropy& fresh) {
    bytes taken{};
    std::copy_n(fresh.begin() + First, Size, taken.begin());
    return taken;
  }
};

using engineio_sid = part<0, 12>;   ///< the private Engine.IO session id
using socketio_ids = part<12, 12>;  ///< the public Socket.IO ids
using seed = part<24, 8>;           ///< of the generator for later draws, such as room codes
using pids = part<32, 32>;          ///< the secrets by which sockets are recovered

}  // namespace entropy_part

/// SplitMix64, a small generator with the same output on every platform. Not for secrets: its state
/// can be computed from its output.
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

  /// The state, from which a new generator continues this one (for migration).
  [[nodiscard]] std::uint64_t state() const { return state_; }

  /// A uniform number from 0 to bound - 1. `bound` must be at least 1.
  std::uint64_t below(std::uint64_t bound) {
    // Small numbers would be more likely if draws from the incomplete part of the range counted.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t draw = next();
    while (draw < unfair) draw = next();
    return draw % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace downbeat
