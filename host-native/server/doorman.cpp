#include "server/doorman.hpp"

#include <algorithm>
#include <iterator>

namespace downbeat::host {
namespace {

// A server that comes back is asked by all who were there, many of them behind one address.
constexpr std::int64_t burst_seconds = 20;

}  // namespace

bool doorman::admits(instant_ms now, const std::string& address) {
  if (per_second_ == 0) return true;
  const std::int64_t now_us = now * 1'000;
  const std::int64_t cost_us = 1'000'000 / std::min<std::int64_t>(per_second_, 1'000'000);
  if (forgiven_at_us_.size() >= most_remembered_) forget_the_forgiven(now_us);
  std::int64_t& at = forgiven_at_us_[address];
  const std::int64_t then = std::max(at, now_us) + cost_us;
  if (then - now_us > burst_seconds * 1'000'000) return false;
  at = then;
  return true;
}

void doorman::forget_the_forgiven(std::int64_t now_us) {
  for (auto one = forgiven_at_us_.begin(); one != forgiven_at_us_.end();) {
    one = one->second <= now_us ? forgiven_at_us_.erase(one) : std::next(one);
  }
  // Looking through all of them again shall not be due soon.
  most_remembered_ = std::max<std::size_t>(10'000, forgiven_at_us_.size() * 2);
}

}  // namespace downbeat::host
