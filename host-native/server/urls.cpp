#include "server/urls.hpp"

#include <arpa/inet.h>
#include <boost/asio/ip/address.hpp>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <memory>
#include <optional>

namespace downbeat::host {
namespace {

std::string url(const std::string& scheme, std::string host, std::uint16_t port) {
  // In a URL, the percent sign of a zone, as in fe80::1%eth0, is escaped as %25 (RFC 6874).
  if (const auto zone = host.find('%'); zone != std::string::npos) host.insert(zone + 1, "25");
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return scheme + "://" + host + ":" + std::to_string(port);
}

std::optional<std::string> name_for_others(const sockaddr* address, bool takes_ipv6) {
  char text[INET6_ADDRSTRLEN];
  if (address->sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    const std::uint32_t number = ntohl(in.s_addr);
    if (number >> 16 == 0xa9fe) return std::nullopt;  // 169.254.0.0/16, link-local
    return inet_ntop(AF_INET, &in, text, sizeof text);
  }
  if (address->sa_family == AF_INET6 && takes_ipv6) {
    const auto& in = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&in) || IN6_IS_ADDR_LOOPBACK(&in)) return std::nullopt;
    return inet_ntop(AF_INET6, &in, text, sizeof text);
  }
  return std::nullopt;
}

}  // namespace

bool is_every_interface(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return host.empty() || (!error && address.is_unspecified());
}

std::string local_url(const std::string& scheme, const std::string& host, std::uint16_t port) {
  if (!is_every_interface(host)) return url(scheme, host, port);
  // On IPv4 only, `localhost` could mean ::1, where nothing listens: use the address.
  return url(scheme, host == "0.0.0.0" ? "127.0.0.1" : "localhost", port);
}

std::vector<std::string> network_urls(const std::string& scheme, const std::string& host,
                                      std::uint16_t port) {
  std::vector<std::string> urls;
  if (!is_every_interface(host)) return urls;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return urls;  // a sandbox may forbid it
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, ::freeifaddrs);
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const bool is_for_others =
        (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (one->ifa_addr == nullptr || !is_for_others) continue;
    if (const auto name = name_for_others(one->ifa_addr, host != "0.0.0.0")) {
      urls.push_back(url(scheme, *name, port));
    }
  }
  return urls;
}

}  // namespace downbeat::host
