#include "operator/origin_log.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace downbeat::host {
namespace {

constexpr instant_ms log_interval_ms = 10'000;
constexpr std::size_t most_bytes = 200;  // of an origin in a log line

}  // namespace

void origin_log::refused(instant_ms now, std::string_view origin, std::string_view address) {
  std::uint64_t requests = 0;
  {
    const std::lock_guard lock(mutex_);
    ++unlogged_;
    if (now < next_log_at_) return;
    next_log_at_ = now + log_interval_ms;
    requests = std::exchange(unlogged_, 0);
  }
  log_.write(log_level::warn, "origin refused",
             {{"origin", origin.substr(0, most_bytes)},
              {"reason", "it is neither the server's own nor in --cors-origin"},
              {"requests", std::to_string(requests)},
              {"address", address}});
}

}  // namespace downbeat::host
