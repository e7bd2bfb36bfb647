#pragma once

#include "entropy.hpp"

#include <cstdint>
#include <string_view>

namespace downbeat::simulation {

/// Who decides what happens in a world: a generator with a seed, or a fuzzer that wrote down the
/// decisions, a byte each.
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

  /// A number from 0 to bound - 1. `bound` is at least 1, and of what is written no more than 256
  /// can be reached.
  std::uint64_t below(std::uint64_t bound) {
    if (!is_written_) return random_.below(bound);
    if (decisions_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(decisions_.front());
    decisions_.remove_prefix(1);
    return byte % bound;
  }

  /// Any bits, for what nobody decides, such as a host's entropy.
  std::uint64_t bits() { return random_.next(); }

  /// Whether there is nothing more to decide.
  [[nodiscard]] bool is_spent() const { return is_written_ && decisions_.empty(); }

 private:
  splitmix64 random_;
  bool is_written_ = false;
  std::string_view decisions_;
};

}  // namespace downbeat::simulation
