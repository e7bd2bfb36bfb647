#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// Which web pages may use the server from a browser.
///
/// Always allowed are pages from the server's own host (over https, if the server speaks TLS) and,
/// if the request is addressed to the loopback interface, pages from the loopback interface. Other
/// origins must be listed; `*` allows all. A request without Origin is always allowed: it does not
/// come from a browser's page.
///
/// `host` is the host that the request is addressed to: its Host, or the authority of a target in
/// absolute form.
class origin_policy {
 public:
  explicit origin_policy(const std::vector<std::string>& allowed, bool is_tls = false);

  /// Whether a request with this Origin, addressed to this host, is allowed.
  [[nodiscard]] bool allows(std::string_view origin, std::string_view host) const;

  // For the following, `is_allowed` is the result of `allows`.

  /// The CORS header fields that let the page read the response.
  [[nodiscard]] std::string response_fields(std::string_view origin, bool is_allowed) const;

  /// Whether an OPTIONS request is a CORS preflight to be answered here.
  [[nodiscard]] bool answers_preflight(std::string_view origin, bool is_allowed) const;

  /// The header fields of the answer to a preflight. `requested_headers` is its
  /// Access-Control-Request-Headers.
  [[nodiscard]] std::string preflight_fields(std::string_view origin, bool is_allowed,
                                             std::string_view requested_headers) const;

 private:
  [[nodiscard]] bool names(const std::string& normal_origin) const;

  std::vector<std::string> allowed_;  ///< normalized
  bool is_open_ = false;
  bool is_tls_;
};

/// Normalizes an origin (RFC 6454), so that equal origins are equal texts: lower case, no default
/// port of the scheme, an IPv6 address as browsers write it. `null` stays `null`. Returns nothing
/// for `*` and for text that is not an origin because it has a path, a user or no host.
std::optional<std::string> normal_origin(std::string_view text);

/// Whether the text is an origin or `null`. False for `*`.
bool is_origin(std::string_view text);

/// Whether the origin's host is the loopback interface, as in `http://localhost:5173`.
bool is_loopback_origin(std::string_view origin);

/// Whether the origin's host and port are those that the request is addressed to.
bool is_same_origin(std::string_view origin, std::string_view host);

}  // namespace downbeat::host
