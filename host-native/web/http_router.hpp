#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "operator/metrics_snapshot.hpp"
#include "web/web_root.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Answers all requests besides Engine.IO: health, metrics, and the files of the web root.
class http_router {
 public:
  /// The bodies of `/healthz` and `/metrics`.
  struct operator_endpoints {
    std::function<std::string(const metrics_snapshot&)> health;
    std::function<std::string(const metrics_snapshot&)> metrics;
  };

  /// Without a web root (nullptr), `/` is a page that says what this server is. `policy` is the
  /// Content-Security-Policy for files of the web root; empty means none.
  http_router(const web_root* root, std::string_view policy, std::string engineio_path,
              operator_endpoints endpoints);

  /// The response to a request that is for neither Engine.IO nor the operator.
  [[nodiscard]] response answer(const request& asked) const;

  /// Whether a request is for `/healthz`, `/readyz` or `/metrics`.
  [[nodiscard]] static bool is_operator_request(const request& asked);

  /// The response to an operator request, with the metrics of all loops.
  [[nodiscard]] response answer_operator(std::string_view path, const metrics_snapshot& all) const;

 private:
  [[nodiscard]] response page(const request& asked) const;
  [[nodiscard]] bool has_page(const request& asked) const;

  const web_root* root_;
  std::string file_fields_;  ///< for every response from the web root
  std::string engineio_path_;
  operator_endpoints endpoints_;
};

}  // namespace downbeat::host
