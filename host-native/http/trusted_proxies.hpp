#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// The proxies that are believed about whom they speak for.
class trusted_proxies {
 public:
  /// Addresses and networks, each of which `is_network`.
  explicit trusted_proxies(const std::vector<std::string>& networks);

  [[nodiscard]] bool trusts(std::string_view address) const;

  /// The client behind a proxy that is trusted. `forwarded_for` is all of X-Forwarded-For, in
  /// which each proxy writes to the right of what it was told: the first from the right that is
  /// not a trusted proxy is the client, and what stands left of it is hearsay. Without any, the
  /// proxy speaks for itself.
  [[nodiscard]] std::string client_of(std::string_view proxy, std::string_view forwarded_for) const;

 private:
  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// Whether this is an address or a network, such as `192.0.2.1` or `2001:db8::/32`.
bool is_network(const std::string& text);

/// The address in its usual form, an IPv4 one that is mapped into IPv6 as itself.
std::string text_of(const boost::asio::ip::address& address);

}  // namespace downbeat::host
