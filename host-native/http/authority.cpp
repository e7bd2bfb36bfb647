#include "http/authority.hpp"

#include "http/text.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace downbeat::host {
namespace {

bool is_hex_digit(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

// reg-name = *( unreserved / pct-encoded / sub-delims )
bool is_registered_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '%') {
      if (i + 2 >= name.size() || !is_hex_digit(name[i + 1]) || !is_hex_digit(name[i + 2])) {
        return false;
      }
    } else if (!is_alphanumeric(c) && (c == '\0' || std::string_view("-._~!$&'()*+,;=").find(c) ==
                                                        std::string_view::npos)) {
      return false;
    }
  }
  return true;
}

// Normalizes an IPv6 address to its shortest form, which browsers send. A zone is refused, because
// it only has a meaning on one machine.
std::optional<std::string> parse_ipv6(std::string_view inside) {
  if (inside.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v6(std::string(inside), error);
  if (error) return std::nullopt;
  return "[" + address.to_string() + "]";
}

// Four numbers of which the first is 127. `127.evil.example` is a name and does not count.
bool is_ipv4_loopback(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  for (int part = 0; part < 4; ++part) {
    const auto dot = host.find('.');
    if ((dot == std::string_view::npos) != (part == 3)) return false;
    const auto digits = host.substr(0, dot);
    std::uint8_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || stop != digits.data() + digits.size()) return false;
    if (part < 3) host.remove_prefix(dot + 1);
  }
  return true;
}

}  // namespace

std::optional<authority> parse_authority(std::string_view text) {
  authority result;
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    auto address = parse_ipv6(text.substr(1, end - 1));
    if (!address) return std::nullopt;
    result.host = std::move(*address);
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!is_registered_name(text.substr(0, end))) return std::nullopt;
    result.host = lowered(text.substr(0, end));
  }
  if (end == text.size()) return result;
  if (text[end] != ':') return std::nullopt;
  const auto digits = text.substr(end + 1);
  if (digits.empty()) return result;
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  result.port = port;
  return result;
}

bool is_loopback_host(std::string_view host) {
  const std::string name = lowered(host);
  return name == "localhost" || name.ends_with(".localhost") || name == "[::1]" ||
         is_ipv4_loopback(name);
}

}  // namespace downbeat::host
