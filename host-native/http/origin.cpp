#include "http/origin.hpp"

#include "http/authority.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace downbeat::host {
namespace {

struct origin_parts {
  std::string scheme;
  authority from;
};

// Browsers write only these characters into the host of an origin. `*` would look like a pattern,
// and there are no patterns here.
bool is_host_character(char c) {
  return is_alphanumeric(c) || std::string_view("-._[]:").find(c) != std::string_view::npos;
}

bool is_scheme_character(char c) {
  return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
}

std::optional<origin_parts> parse_origin(std::string_view origin) {
  const auto colon = origin.find("://");
  if (colon == std::string_view::npos || colon == 0 || origin.ends_with(':')) return std::nullopt;
  const std::string_view scheme = origin.substr(0, colon);
  if (!std::all_of(scheme.begin(), scheme.end(), is_scheme_character)) return std::nullopt;
  auto from = parse_authority(origin.substr(colon + 3));
  if (!from || from->host.empty() ||
      !std::all_of(from->host.begin(), from->host.end(), is_host_character)) {
    return std::nullopt;
  }
  return origin_parts{lowered(scheme), std::move(*from)};
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return std::nullopt;
}

std::string normal(const origin_parts& origin) {
  std::string text = origin.scheme + "://" + origin.from.host;
  if (origin.from.port && origin.from.port != default_port(origin.scheme)) {
    text += ":" + std::to_string(*origin.from.port);
  }
  return text;
}

bool is_from(const origin_parts& origin, const authority& host) {
  const auto scheme_port = default_port(origin.scheme);
  return scheme_port && origin.from.host == host.host &&
         origin.from.port.value_or(*scheme_port) == host.port.value_or(*scheme_port);
}

// A fast path for the usual case: the origin's host is the same text as the request's, of
// characters that need no normalizing.
bool is_plainly_from(std::string_view origin, std::string_view host, bool is_tls) {
  if (!origin.ends_with(host)) return false;
  const std::string_view scheme = origin.substr(0, origin.size() - host.size());
  if (scheme != "https://" && (is_tls || scheme != "http://")) return false;
  const auto colon = std::min(host.find(':'), host.size());
  const std::string_view name = host.substr(0, colon);
  const std::string_view port = host.substr(std::min(colon + 1, host.size()));
  return !name.empty() && port.size() <= 4 && port.empty() == (colon == host.size()) &&
         std::all_of(port.begin(), port.end(), is_digit) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_from_loopback(const origin_parts& origin) {
  return default_port(origin.scheme) && is_loopback_host(origin.from.host);
}

}  // namespace

std::optional<std::string> normal_origin(std::string_view text) {
  if (text == "null") return "null";
  const auto parts = parse_origin(text);
  if (!parts) return std::nullopt;
  return normal(*parts);
}

bool is_origin(std::string_view text) {
  return normal_origin(text).has_value();
}

bool is_loopback_origin(std::string_view origin) {
  const auto parts = parse_origin(origin);
  return parts && is_from_loopback(*parts);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  const auto parts = parse_origin(origin);
  const auto here = parse_authority(host);
  return parts && here && is_from(*parts, *here);
}

origin_policy::origin_policy(const std::vector<std::string>& allowed, bool is_tls)
    : is_tls_(is_tls) {
  for (const std::string& one : allowed) {
    if (one == "*") is_open_ = true;
    if (auto normal = normal_origin(one)) allowed_.push_back(std::move(*normal));
  }
}

bool origin_policy::names(const std::string& normal_origin) const {
  return std::find(allowed_.begin(), allowed_.end(), normal_origin) != allowed_.end();
}

bool origin_policy::allows(std::string_view origin, std::string_view host) const {
  if (origin.empty() || is_open_ || is_plainly_from(origin, host, is_tls_)) return true;
  const auto parts = parse_origin(origin);
  if (!parts) return origin == "null" && names("null");
  const auto here = parse_authority(host);
  // A page that came over plain HTTP may be anybody's who is between the browser and the server.
  const bool is_as_safe = !is_tls_ || parts->scheme == "https";
  if (here && is_as_safe && is_from(*parts, *here)) return true;
  if (names(normal(*parts))) return true;
  // A page from localhost may use a server on the same machine. A server for others must refuse it:
  // any program on any machine can serve a page from localhost.
  return here && is_loopback_host(here->host) && is_from_loopback(*parts);
}

std::string origin_policy::response_fields(std::string_view origin, bool is_allowed) const {
  if (is_open_) return "Access-Control-Allow-Origin: *\r\n";
  if (origin.empty() || !is_allowed) return "Vary: Origin\r\n";
  return "Access-Control-Allow-Origin: " + std::string(origin) +
         "\r\n"
         "Access-Control-Allow-Credentials: true\r\n"
         "Vary: Origin\r\n";
}

bool origin_policy::answers_preflight(std::string_view origin, bool is_allowed) const {
  return is_open_ || (!origin.empty() && is_allowed);
}

std::string origin_policy::preflight_fields(std::string_view origin, bool is_allowed,
                                            std::string_view requested_headers) const {
  std::string fields = response_fields(origin, is_allowed);
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
