#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// The head of an HTTP request, as far as anybody here asks.
class request {
 public:
  enum class verb { get, head, post, options, other };

  virtual ~request() = default;

  [[nodiscard]] virtual verb method() const = 0;
  /// Of the target, still percent-encoded.
  [[nodiscard]] virtual std::string_view path() const = 0;
  /// What follows the `?`, still percent-encoded.
  [[nodiscard]] virtual std::string_view query() const = 0;
  /// The first header field of this name, empty if there is none. Letters compare without case.
  [[nodiscard]] virtual std::string_view field(std::string_view name) const = 0;
  /// All header fields of this name, in their order, with commas between them.
  [[nodiscard]] virtual std::string fields(std::string_view name) const = 0;
  /// How many header fields have this name.
  [[nodiscard]] virtual std::size_t count(std::string_view name) const = 0;
  [[nodiscard]] virtual bool is_http_1_1() const = 0;
  /// Whether the peer wants to send more requests on this connection.
  [[nodiscard]] virtual bool wants_keep_alive() const = 0;
};

}  // namespace downbeat::host
