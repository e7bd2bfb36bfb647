#pragma once

#include "entropy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat::host {

/// Unpredictable bytes from the operating system, fetched in blocks.
class entropy_source {
 public:
  entropy draw();

 private:
  std::array<std::uint8_t, 4096> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace downbeat::host
