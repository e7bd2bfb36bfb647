#include "http/trusted_proxies.hpp"

#include "http/text.hpp"

#include <algorithm>
#include <optional>

namespace downbeat::host {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

ip::address plain(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

std::optional<ip::address> parse(std::string_view text) {
  error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain(address);
}

// Parses an address. Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
std::optional<ip::address> parse_entry(std::string_view text) {
  if (auto address = parse(text)) return address;
  if (text.starts_with('[')) return parse(text.substr(1, text.find(']') - 1));
  return parse(text.substr(0, text.rfind(':')));
}

std::string with_length(const std::string& network) {
  if (network.find('/') != std::string::npos) return network;
  return network + (network.find(':') == std::string::npos ? "/32" : "/128");
}

}  // namespace

trusted_proxies::trusted_proxies(const std::vector<std::string>& networks) {
  for (const std::string& network : networks) {
    if (network.find(':') == std::string::npos) {
      v4_.push_back(ip::make_network_v4(with_length(network)).canonical());
    } else {
      v6_.push_back(ip::make_network_v6(with_length(network)).canonical());
    }
  }
}

bool trusted_proxies::trusts(const ip::address& address) const {
  if (address.is_v4()) {
    return std::any_of(v4_.begin(), v4_.end(), [&](const ip::network_v4& network) {
      return ip::network_v4(address.to_v4(), network.prefix_length()).canonical() == network;
    });
  }
  return std::any_of(v6_.begin(), v6_.end(), [&](const ip::network_v6& network) {
    return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network;
  });
}

bool trusted_proxies::trusts(std::string_view address) const {
  if (v4_.empty() && v6_.empty()) return false;
  const auto parsed = parse(address);
  return parsed && trusts(*parsed);
}

std::string trusted_proxies::client_of(std::string_view proxy,
                                       std::string_view forwarded_for) const {
  std::string client(proxy);
  while (!forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const bool is_last = comma == std::string_view::npos;
    const auto address =
        parse_entry(trim(is_last ? forwarded_for : forwarded_for.substr(comma + 1)));
    // A trusted proxy does not write an invalid entry: ignore it and everything to its left.
    if (!address) break;
    client = text_of(*address);
    if (is_last || !trusts(*address)) break;
    forwarded_for = forwarded_for.substr(0, comma);
  }
  return client;
}

bool is_network(const std::string& text) {
  error_code error;
  if (text.find(':') == std::string::npos) {
    ip::make_network_v4(with_length(text), error);
  } else {
    ip::make_network_v6(with_length(text), error);
  }
  return !error;
}

std::string text_of(const ip::address& address) {
  return plain(address).to_string();
}

}  // namespace downbeat::host
