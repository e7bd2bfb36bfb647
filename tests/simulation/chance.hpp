#pragma once

#include "base/entropy.hpp"

#include <cstdint>
#include <string_view>

namespace downbeat::simulation {

/// The source of all decisions in a world: a random generator with a seed, or the bytes of a
/// fuzzer.
class chance {
 public:
  explicit chance(std::uint64_t seed) : random_(seed) {}
  /// The decisions are borrowed.
  static chance written(std::string_view decisions) {
    chance made(0);
    made.is_written_ = true;
    made.decisions_ = decisions;
    return made;
  }

  /// A number from 0 to bound - 1. `bound` is at least 1. From a fuzzer's bytes, only the first 256
  /// numbers can come.
  std::uint64_t below(std::uint64_t bound) {
    if (!is_written_) return random_.below(bound);
    if (decisions_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(decisions_.front());
    decisions_.remove_prefix(1);
    return byte % bound;
  }

  /// Random bits for what is no decision, such as a host's entropy.
  std::uint64_t bits() { return random_.next(); }

  /// Whether all decisions are used up.
  [[nodiscard]] bool is_spent() const { return is_written_ && decisions_.empty(); }

 private:
  splitmix64 random_;
  bool is_written_ = false;
  std::string_view decisions_;
};

}  // namespace downbeat::simulation
