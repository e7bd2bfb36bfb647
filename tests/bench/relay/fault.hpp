#pragma once

#include <cstdint>

namespace downbeat::bench {

/// What a relay may do wrong on purpose, so that the load generator can prove that it notices.
enum class fault { none, lose, twice, swap };

/// Does it with one delivery in so many.
struct fault_plan {
  fault kind = fault::none;
  std::uint64_t every = 1000;
  std::uint64_t count = 0;

  [[nodiscard]] bool strikes() { return kind != fault::none && ++count % every == 0; }
};

}  // namespace downbeat::bench
