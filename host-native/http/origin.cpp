#include "http/origin.hpp"

#include "http/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace downbeat::host {
namespace {

struct authority {
  std::string_view host;
  std::optional<std::uint16_t> port;
};

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool is_address_character(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f') || c == ':' ||
         c == '.';
}

// `host`, `host:port` or `[address]:port`, and nothing that only resembles it: no user, no path.
std::optional<authority> parse_authority(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto inside = text.substr(1, end - 1);
    if (!std::all_of(inside.begin(), inside.end(), is_address_character)) return std::nullopt;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, end);
    if (!std::all_of(name.begin(), name.end(), is_host_character)) return std::nullopt;
  }
  if (end == 0) return std::nullopt;
  authority result{text.substr(0, end), std::nullopt};
  if (end == text.size()) return result;
  if (text[end] != ':') return std::nullopt;
  const auto digits = text.substr(end + 1);
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  result.port = port;
  return result;
}

struct origin_parts {
  std::string_view scheme;
  authority from;
};

std::optional<origin_parts> parse_origin(std::string_view origin) {
  const auto colon = origin.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto from = parse_authority(origin.substr(colon + 3));
  if (!from) return std::nullopt;
  return origin_parts{origin.substr(0, colon), *from};
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (equals_ignoring_case(scheme, "http")) return 80;
  if (equals_ignoring_case(scheme, "https")) return 443;
  return std::nullopt;
}

// Four numbers of which the first is 127; `127.evil.example` is a name.
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

bool is_loopback_host(std::string_view host) {
  const std::string name = lowered(host);
  return name == "localhost" || name.ends_with(".localhost") || name == "[::1]" ||
         is_ipv4_loopback(name);
}

}  // namespace

bool is_origin(std::string_view text) {
  return text == "null" || parse_origin(text).has_value();
}

bool is_loopback_origin(std::string_view origin) {
  const auto parts = parse_origin(origin);
  return parts && default_port(parts->scheme) && is_loopback_host(parts->from.host);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  const auto parts = parse_origin(origin);
  const auto here = parse_authority(host);
  if (!parts || !here) return false;
  const auto scheme_port = default_port(parts->scheme);
  if (!scheme_port) return false;
  return equals_ignoring_case(parts->from.host, here->host) &&
         parts->from.port.value_or(*scheme_port) == here->port.value_or(*scheme_port);
}

origin_policy::origin_policy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
  is_open_ = std::find(allowed_.begin(), allowed_.end(), "*") != allowed_.end();
}

bool origin_policy::allows(std::string_view origin, std::string_view host) const {
  if (origin.empty() || is_open_) return true;
  const auto is_it = [&](const std::string& one) { return equals_ignoring_case(one, origin); };
  if (std::any_of(allowed_.begin(), allowed_.end(), is_it)) return true;
  return is_same_origin(origin, host) || is_loopback_origin(origin);
}

std::string origin_policy::response_fields(std::string_view origin, std::string_view host) const {
  if (is_open_) return "Access-Control-Allow-Origin: *\r\n";
  if (origin.empty() || !allows(origin, host)) return "Vary: Origin\r\n";
  return "Access-Control-Allow-Origin: " + std::string(origin) +
         "\r\n"
         "Access-Control-Allow-Credentials: true\r\n"
         "Vary: Origin\r\n";
}

bool origin_policy::answers_preflight(std::string_view origin, std::string_view host) const {
  return is_open_ || (!origin.empty() && allows(origin, host));
}

std::string origin_policy::preflight_fields(std::string_view origin, std::string_view host,
                                            std::string_view requested_headers) const {
  std::string fields = response_fields(origin, host);
  fields += "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n";
  if (!requested_headers.empty()) {
    fields.append("Access-Control-Allow-Headers: ").append(requested_headers).append("\r\n");
  }
  fields +=
      "Vary: Access-Control-Request-Headers\r\n"
      "Access-Control-Max-Age: 600\r\n";
  return fields;
}

}  // namespace downbeat::host
