#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "operator/metrics_snapshot.hpp"
#include "web/web_root.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// Answers all requests besides Engine.IO: health, metrics, the files of the web root, and the
/// pages that invite to a session.
class http_router {
 public:
  /// The bodies of `/healthz` and `/metrics`, and the origins that `/network` tells of.
  struct operator_endpoints {
    std::function<std::string(const metrics_snapshot&)> health;
    std::function<std::string(const metrics_snapshot&)> metrics;
    std::function<std::vector<std::string>()> network_origins;
  };

  /// Without a web root (nullptr), `/` is a page that says what this server is. `policy` is the
  /// Content-Security-Policy for files of the web root; empty means none.
  http_router(const web_root* root, std::string_view policy, std::string engineio_path,
              operator_endpoints endpoints);

  /// The response to a request that is for neither Engine.IO nor the operator. `client` is the
  /// address that the request comes from.
  [[nodiscard]] response answer(const request& asked, std::string_view client) const;

  /// Whether a request is for `/healthz`, `/readyz` or `/metrics`.
  [[nodiscard]] static bool is_operator_request(const request& asked);

  /// The response to an operator request, with the metrics of all loops.
  [[nodiscard]] response answer_operator(std::string_view path, const metrics_snapshot& all) const;

 private:
  [[nodiscard]] response page(const request& asked) const;
  [[nodiscard]] response invitation(const request& asked, std::string_view code) const;
  [[nodiscard]] response network() const;
  [[nodiscard]] bool has_page(const request& asked) const;

  const web_root* root_;
  std::string file_fields_;  ///< for every response from the web root
  std::string engineio_path_;
  operator_endpoints endpoints_;
};

}  // namespace downbeat::host
