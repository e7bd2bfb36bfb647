#include "driver/wall_watch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace downbeat::host {
namespace {

constexpr instant_ms sent_every_ms = 60'000;
// Smaller differences are drift: a clock that is slewed drifts by at most 30 ms a minute.
constexpr std::int64_t jump_ms = 1'000;

}  // namespace

std::int64_t read_wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  // A machine without a battery-backed clock may start before 1970.
  return std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

std::optional<std::int64_t> wall_watch::look(instant_ms now) {
  const std::int64_t wall_ms = read_();
  const std::int64_t drift = (wall_ms - sent_wall_ms_) - (now - sent_at_);
  if (has_sent_ && now - sent_at_ < sent_every_ms && std::abs(drift) < jump_ms) return std::nullopt;
  has_sent_ = true;
  sent_at_ = now;
  sent_wall_ms_ = wall_ms;
  return wall_ms;
}

}  // namespace downbeat::host
