#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace downbeat::host {

/// An HTTP response that is ready to be written.
struct response {
  int status = 200;
  std::string_view content_type = {};  ///< empty: no such field
  std::string body = {};
  /// More header fields, each with its line end, such as `Vary: Origin\r\n`.
  std::string fields = {};
  /// A body shared between responses; used instead of `body` if set.
  std::shared_ptr<const std::string> shared_body = {};

  [[nodiscard]] std::size_t body_size() const {
    return shared_body ? shared_body->size() : body.size();
  }
};

/// Header fields for responses that the server makes itself: nobody may cache them, run scripts in
/// them, or show them in a frame.
inline constexpr std::string_view own_fields =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

/// An error response in plain text, with more header fields if there are any.
response error_response(int status, std::string_view text, std::string_view more_fields = {});

/// Appends the response without a shared body. For a HEAD request (`is_head`) the body is left out,
/// and the header fields describe it.
void append_response(std::string& out, const response& what, bool is_keep_alive, bool is_head);

/// The reason phrase of a status (RFC 9110, 15).
std::string_view reason_phrase(int status);

}  // namespace downbeat::host
