#pragma once

#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "http/trusted_proxies.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace downbeat::host {

/// The limits on connections: how many are open, in all and for each client address, and how often
/// one address may connect. Thread-safe.
class connection_limiter {
 public:
  enum class verdict { accepted, too_many, too_many_of_address };

  explicit connection_limiter(trusted_proxies proxies) : proxies_(std::move(proxies)) {}

  /// Sets how many connections may be open; 0 means no limit. Connections that are open already
  /// stay open.
  void limit_open(std::uint64_t in_all, std::uint64_t by_address);
  /// Sets how many new connections one address may open in a second, after a burst of twenty times
  /// as many; 0 means no limit.
  void limit_rate(std::int64_t per_second);

  /// Whether this address may open one more connection now; counts it if so. Always true for
  /// trusted proxies, whose clients are counted instead.
  [[nodiscard]] bool is_within_rate(instant_ms now, const std::string& address);

  /// Counts one more open connection unless a limit is reached. After `accepted`, call `leave` with
  /// the same address when it closes. Connections of trusted proxies count only towards the total.
  [[nodiscard]] verdict enter(const std::string& address);
  /// Counts a proxy's connection for its client, once X-Forwarded-For has been read. If the client
  /// has too many connections, nothing changes.
  [[nodiscard]] verdict move(const std::string& from, const std::string& to);

  /// A counted connection has closed. `address` is the one of `enter`, or of the last successful
  /// `move`.
  void leave(const std::string& address);

  [[nodiscard]] const trusted_proxies& proxies() const { return proxies_; }

 private:
  verdict add(const std::string& address);
  void remove(const std::string& address);
  void forget_idle_rate_limiters(instant_ms now);

  const trusted_proxies proxies_;
  std::mutex mutex_;
  std::uint64_t max_open_ = 0;
  std::uint64_t max_open_by_address_ = 0;
  std::uint64_t open_ = 0;
  std::unordered_map<std::string, std::uint64_t> open_by_address_;  ///< by address block
  rate connects_{0, 1'000, 0};
  std::unordered_map<std::string, rate_limiter> rate_limiters_;  ///< by address block
  std::size_t max_rate_limiters_ =
      10'000;  ///< when the map is larger, full rate limiters are removed
};

}  // namespace downbeat::host
