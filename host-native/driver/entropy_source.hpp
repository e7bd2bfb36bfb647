#pragma once

#include "base/entropy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace downbeat::host {

/// The operating system returned no random bytes. The request that needed them has not been
/// handled.
class no_entropy : public std::system_error {
 public:
  explicit no_entropy(int error) : std::system_error(error, std::generic_category(), "getrandom") {}
};

/// Random bytes from the operating system , fetched in blocks.
class entropy_source {
 public:
  /// Returns the bytes for one request. Throws no_entropy.
  entropy draw();

 private:
  std::array<std::uint8_t, 4096> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace downbeat::host
