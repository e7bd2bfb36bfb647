#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// The proxies whose X-Forwarded-For the server believes.
class trusted_proxies {
 public:
  /// Addresses and networks. Each must satisfy `is_network`.
  explicit trusted_proxies(const std::vector<std::string>& networks);

  /// Whether this address belongs to a trusted proxy.
  [[nodiscard]] bool trusts(std::string_view address) const;

  /// The address of the client behind a trusted proxy. `forwarded_for` is the whole
  /// X-Forwarded-For, to which each proxy appends the address that it received the request from.
  /// Read from the right, the first address that is not a trusted proxy is the client; everything
  /// to its left may be forged. Without an entry, the proxy itself is the client.
  [[nodiscard]] std::string client_of(std::string_view proxy, std::string_view forwarded_for) const;

 private:
  [[nodiscard]] bool trusts(const boost::asio::ip::address& address) const;

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// Whether the text is an address or a network, such as `192.0.2.1` or `2001:db8::/32`.
bool is_network(const std::string& text);

/// The address as text; an IPv4 address mapped into IPv6 in its IPv4 form.
std::string text_of(const boost::asio::ip::address& address);

}  // namespace downbeat::host
