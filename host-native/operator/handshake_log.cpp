#include "operator/handshake_log.hpp"

#include <string>
#include <utility>

namespace downbeat::host {
namespace {

constexpr instant_ms handshake_log_interval_ms = 10'000;

}  // namespace

void handshake_log::failed(instant_ms now, std::string_view reason, std::string_view address) {
  std::uint64_t handshakes = 0;
  {
    const std::lock_guard lock(mutex_);
    ++unlogged_;
    if (now < next_log_at_) return;
    next_log_at_ = now + handshake_log_interval_ms;
    handshakes = std::exchange(unlogged_, 0);
  }
  // Anybody on the network can cause it, so it is no warning.
  log_.write(
      log_level::info, "TLS handshake failed",
      {{"reason", reason}, {"handshakes", std::to_string(handshakes)}, {"address", address}});
}

}  // namespace downbeat::host
