#pragma once

#include <cstdint>

namespace downbeat::bench {

/// Errors that a relay makes on purpose, to prove that the load generator detects them.
enum class fault { none, lose, twice, swap };

/// Makes the error with one in so many deliveries.
struct fault_plan {
  fault kind = fault::none;
  std::uint64_t every = 1000;
  std::uint64_t count = 0;

  [[nodiscard]] bool strikes() { return kind != fault::none && ++count % every == 0; }
};

}  // namespace downbeat::bench
