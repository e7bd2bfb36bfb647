#include "redis/redis_address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <optional>
#include <string_view>

namespace downbeat::host {
namespace {

namespace urls = boost::urls;

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string redis_address::name() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_tls ? "rediss://" : "redis://") + (is_ipv6 ? '[' + host + ']' : host) + ':' +
         std::to_string(port) + '/' + std::to_string(database);
}

redis_address read_redis_url(const std::string& text) {
  const auto parsed = urls::parse_uri(text);
  if (parsed.has_error()) {
    throw unusable_redis_url("must be a URL such as redis://:password@localhost:6379/0");
  }
  const urls::url_view url = *parsed;
  redis_address address;
  address.is_tls = url.scheme() == "rediss";
  if (!address.is_tls && url.scheme() != "redis") {
    throw unusable_redis_url("must begin with redis:// or rediss://");
  }
  address.host = url.host_type() == urls::host_type::ipv6 ? std::string(url.host_address())
                                                          : std::string(url.host());
  if (address.host.empty()) throw unusable_redis_url("must name a host");
  if (url.has_port()) {
    const auto port = read_number<std::uint16_t>({url.port().data(), url.port().size()});
    if (!port || *port == 0) throw unusable_redis_url("must have a port from 1 to 65535");
    address.port = *port;
  }
  address.user = url.user();
  address.password = url.password();
  if (!address.user.empty() && address.password.empty()) {
    throw unusable_redis_url(
        "must have a password beside the user; a password alone is :PASSWORD@");
  }
  std::string path = url.path();
  if (path.starts_with('/')) path.erase(0, 1);
  if (!path.empty()) {
    const auto database = read_number<std::uint32_t>(path);
    if (!database)
      throw unusable_redis_url("must have the number of a database as its path, as in /0");
    address.database = *database;
  }
  if (url.has_query() || url.has_fragment()) {
    throw unusable_redis_url("must end with the number of the database");
  }
  return address;
}

}  // namespace downbeat::host
