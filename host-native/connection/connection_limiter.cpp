#include "connection/connection_limiter.hpp"

#include "text/address_block.hpp"

#include <algorithm>
#include <iterator>

namespace downbeat::host {
namespace {

// After a restart all clients reconnect at once, many of them from one address.
constexpr std::int64_t burst_seconds = 20;

}  // namespace

void connection_limiter::limit_open(std::uint64_t in_all, std::uint64_t by_address) {
  const std::lock_guard lock(mutex_);
  max_open_ = in_all;
  max_open_by_address_ = by_address;
}

void connection_limiter::limit_rate(std::int64_t per_second) {
  const std::lock_guard lock(mutex_);
  connects_ = {per_second, 1'000, per_second * burst_seconds};
}

bool connection_limiter::is_within_rate(instant_ms now, const std::string& address) {
  if (proxies_.trusts(address)) return true;
  const std::lock_guard lock(mutex_);
  if (connects_.count == 0) return true;
  if (rate_limiters_.size() >= max_rate_limiters_) forget_idle_rate_limiters(now);
  return rate_limiters_[address_block(address)].take(now, connects_);
}

connection_limiter::verdict connection_limiter::enter(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (max_open_ != 0 && open_ >= max_open_) return verdict::too_many;
  const verdict result = add(address);
  if (result == verdict::accepted) ++open_;
  return result;
}

connection_limiter::verdict connection_limiter::move(const std::string& from,
                                                     const std::string& to) {
  const std::lock_guard lock(mutex_);
  const verdict result = add(to);
  if (result == verdict::accepted) remove(from);
  return result;
}

void connection_limiter::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --open_;
  remove(address);
}

connection_limiter::verdict connection_limiter::add(const std::string& address) {
  if (proxies_.trusts(address)) return verdict::accepted;
  std::uint64_t& count = open_by_address_[address_block(address)];
  if (max_open_by_address_ != 0 && count >= max_open_by_address_) {
    return verdict::too_many_of_address;
  }
  ++count;
  return verdict::accepted;
}

void connection_limiter::remove(const std::string& address) {
  if (proxies_.trusts(address)) return;
  const auto found = open_by_address_.find(address_block(address));
  if (found != open_by_address_.end() && --found->second == 0) open_by_address_.erase(found);
}

void connection_limiter::forget_idle_rate_limiters(instant_ms now) {
  for (auto one = rate_limiters_.begin(); one != rate_limiters_.end();) {
    one = one->second.is_idle(now) ? rate_limiters_.erase(one) : std::next(one);
  }
  // Doubling keeps the next search far away.
  max_rate_limiters_ = std::max<std::size_t>(10'000, rate_limiters_.size() * 2);
}

}  // namespace downbeat::host
