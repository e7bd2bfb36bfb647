#pragma once

#include "http/trusted_proxies.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace downbeat::host {

/// Counts the connections that are open, in all and by the address of the client, and says who may
/// come in. Whoever came in leaves again, under the same address. May be used by many threads.
class admission {
 public:
  enum class answer { welcome, too_many, too_many_of_address };

  explicit admission(trusted_proxies proxies) : proxies_(std::move(proxies)) {}

  /// 0 lifts a limit. What is open stays open.
  void limit(std::uint64_t in_all, std::uint64_t by_address);

  /// Proxies that are trusted may come as often as they like: it is their clients that count.
  answer enter(const std::string& address);
  /// A connection of a proxy turns out to be one of this client. It stays what it was if the
  /// client has too many.
  answer move(const std::string& from, const std::string& to);
  void leave(const std::string& address);

  [[nodiscard]] const trusted_proxies& proxies() const { return proxies_; }

 private:
  answer add(const std::string& address);
  void remove(const std::string& address);

  const trusted_proxies proxies_;
  std::mutex mutex_;
  std::uint64_t max_in_all_ = 0;
  std::uint64_t max_by_address_ = 0;
  std::uint64_t in_all_ = 0;
  std::unordered_map<std::string, std::uint64_t> by_address_;  ///< by address block
};

}  // namespace downbeat::host
