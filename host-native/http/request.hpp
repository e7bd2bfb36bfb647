#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// The head of an HTTP request, as far as this server uses it.
class request {
 public:
  enum class verb { get, head, post, options, other };

  virtual ~request() = default;

  [[nodiscard]] virtual verb method() const = 0;
  /// The path of the target, still percent-encoded; `*` if the target is `*`.
  [[nodiscard]] virtual std::string_view path() const = 0;
  /// The part of the target after the `?`, still percent-encoded.
  [[nodiscard]] virtual std::string_view query() const = 0;
  /// The host that the request is addressed to, with its port if there is one: from a target in
  /// absolute form, otherwise from Host (RFC 9112, 3.2.2).
  [[nodiscard]] virtual std::string_view host() const = 0;
  /// The value of the first header field of this name, or empty. Names compare without case.
  [[nodiscard]] virtual std::string_view field(std::string_view name) const = 0;
  /// The values of all header fields of this name in their order, joined with commas.
  [[nodiscard]] virtual std::string fields(std::string_view name) const = 0;
  /// The number of header fields of this name.
  [[nodiscard]] virtual std::size_t count(std::string_view name) const = 0;
  /// Whether the comma-separated list in all header fields of this name contains this token.
  [[nodiscard]] virtual bool lists(std::string_view name, std::string_view token) const = 0;
  [[nodiscard]] virtual bool is_http_1_1() const = 0;
  /// Whether the client wants to send more requests on this connection (RFC 9112, 9.3).
  [[nodiscard]] virtual bool wants_keep_alive() const = 0;
};

}  // namespace downbeat::host
