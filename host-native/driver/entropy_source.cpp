#include "driver/entropy_source.hpp"

#include "io/platform.hpp"

#include <algorithm>
#include <cerrno>

namespace downbeat::host {

entropy entropy_source::draw() {
  entropy fresh;
  if (block_.size() - used_ < fresh.size()) {
    for (std::size_t filled = 0; filled < block_.size();) {
      const ssize_t got = random_bytes(block_.data() + filled, block_.size() - filled);
      if (got < 0 && errno != EINTR) throw no_entropy(errno);
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used_ = 0;
  }
  const auto from = block_.begin() + static_cast<std::ptrdiff_t>(used_);
  std::copy_n(from, fresh.size(), fresh.begin());
  // Session ids are made from these bytes: do not keep them in memory.
  std::fill_n(from, fresh.size(), std::uint8_t{0});
  used_ += fresh.size();
  return fresh;
}

}  // namespace downbeat::host
