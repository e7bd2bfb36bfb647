#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// Which pages may use the server from a browser.
///
/// Pages that the server's own host served, and pages that the loopback served, always may; others
/// when they are named, and all of them when `*` is. Who sends no Origin is not a browser's page,
/// and is never held up.
class origin_policy {
 public:
  explicit origin_policy(std::vector<std::string> allowed);

  /// Whether a request with this Origin and this Host is welcome.
  [[nodiscard]] bool allows(std::string_view origin, std::string_view host) const;

  /// The header fields that let the page of this request read the response.
  [[nodiscard]] std::string response_fields(std::string_view origin, std::string_view host) const;

  /// Whether an OPTIONS request is a preflight that is answered here.
  [[nodiscard]] bool answers_preflight(std::string_view origin, std::string_view host) const;

  /// The header fields of the answer to a preflight that asks for these request headers.
  [[nodiscard]] std::string preflight_fields(std::string_view origin, std::string_view host,
                                             std::string_view requested_headers) const;

 private:
  std::vector<std::string> allowed_;
  bool is_open_ = false;
};

/// Whether an origin's page came from this very machine: `http://localhost:5173` and the like.
bool is_loopback_origin(std::string_view origin);

/// Whether an origin's host and port are those that the request was sent to.
bool is_same_origin(std::string_view origin, std::string_view host);

/// Whether this is written as an origin is, or is `null`; `*` is not.
bool is_origin(std::string_view text);

}  // namespace downbeat::host
