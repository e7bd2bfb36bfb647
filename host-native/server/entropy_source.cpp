#include "server/entropy_source.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace downbeat::host {

entropy entropy_source::draw() {
  entropy fresh;
  if (block_.size() - used_ < fresh.size()) {
    for (std::size_t filled = 0; filled < block_.size();) {
      const ssize_t got = getrandom(block_.data() + filled, block_.size() - filled, 0);
      if (got < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
      }
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used_ = 0;
  }
  const auto from = block_.begin() + static_cast<std::ptrdiff_t>(used_);
  std::copy_n(from, fresh.size(), fresh.begin());
  // What has been handed out makes session ids, and is nobody's business later.
  std::fill_n(from, fresh.size(), std::uint8_t{0});
  used_ += fresh.size();
  return fresh;
}

}  // namespace downbeat::host
