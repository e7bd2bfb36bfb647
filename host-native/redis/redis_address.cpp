#include "redis/redis_address.hpp"

#include "http/static_files.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace downbeat::host {
namespace {

// Not Boost.URL: 1.81 has it without a library and later versions only with one, which every system
// would have to install.

constexpr std::string_view plain = "redis://";
constexpr std::string_view encrypted = "rediss://";

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_graphic(char c) {
  return c > ' ' && c <= '~';
}

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

std::string decode(std::string_view text) {
  auto decoded = decode_path(text);
  if (!decoded)
    throw unusable_redis_url("must have % only before two hexadecimal digits, as in %40");
  return *std::move(decoded);
}

void read_user(std::string_view text, redis_address& into) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    throw unusable_redis_url(
        "must have a password beside the user; a password alone is :PASSWORD@");
  }
  into.user = decode(text.substr(0, colon));
  into.password = decode(text.substr(colon + 1));
}

void read_place(std::string_view text, redis_address& into) {
  const bool is_ipv6 = text.starts_with('[');
  const auto end = is_ipv6 ? text.find(']') : text.find(':');
  const std::string_view host =
      is_ipv6 ? text.substr(1, end == std::string_view::npos ? end : end - 1) : text.substr(0, end);
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  if (is_ipv6) {
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(host, error);
    if (error || rest.empty()) throw unusable_redis_url("must have an address between [ and ]");
    rest.remove_prefix(1);
  } else if (host.empty()) {
    throw unusable_redis_url("must name a host");
  } else if (!std::all_of(host.begin(), host.end(), is_of_name)) {
    throw unusable_redis_url("must name a host by letters, digits, dots and hyphens");
  }
  into.host = host;
  if (rest.empty()) return;
  const auto port =
      rest.starts_with(':') ? read_number<std::uint16_t>(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0) throw unusable_redis_url("must have a port from 1 to 65535");
  into.port = *port;
}

}  // namespace

std::string redis_address::name() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_tls ? "rediss://" : "redis://") + (is_ipv6 ? '[' + host + ']' : host) + ':' +
         std::to_string(port) + '/' + std::to_string(database);
}

redis_address read_redis_url(const std::string& text) {
  redis_address address;
  address.is_tls = text.starts_with(encrypted);
  if (!address.is_tls && !text.starts_with(plain)) {
    throw unusable_redis_url("must begin with redis:// or rediss://");
  }
  if (!std::all_of(text.begin(), text.end(), is_graphic)) {
    throw unusable_redis_url(
        "must have % and two digits in place of spaces and letters with accents");
  }
  if (text.find_first_of("?#") != std::string::npos) {
    throw unusable_redis_url("must end with the number of the database");
  }
  const std::string_view rest =
      std::string_view(text).substr((address.is_tls ? encrypted : plain).size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) read_user(authority.substr(0, at), address);
  read_place(at == std::string_view::npos ? authority : authority.substr(at + 1), address);
  if (slash + 1 >= rest.size()) return address;
  const auto database = read_number<std::uint32_t>(rest.substr(slash + 1));
  if (!database) {
    throw unusable_redis_url("must have the number of a database as its path, as in /0");
  }
  address.database = *database;
  return address;
}

}  // namespace downbeat::host
