#pragma once

#include <cstddef>
#include <string_view>

namespace downbeat::host {

/// Checks the head of a request while it arrives, and refuses everything that another reader of the
/// same bytes might understand differently: line ends other than CRLF, control characters, folded
/// lines, spaces before a colon, invalid targets and versions (RFC 9112, 2.2, 3 and 5).
///
/// Request smuggling works when a proxy and a server see different requests in the same bytes, so
/// that nothing is guessed or repaired here.
class head_scanner {
 public:
  explicit head_scanner(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  enum class outcome {
    need_more,
    complete,  ///< the first `size` bytes are the head, including the empty line at its end
    refused,   ///< `status` is the status of the error response
  };

  /// Continues with a head. `arrived` is everything received so far, including the bytes of earlier
  /// calls.
  outcome scan(std::string_view arrived);

  [[nodiscard]] std::size_t size() const { return seen_; }
  [[nodiscard]] int status() const { return status_; }

 private:
  outcome refuse(int status);

  std::size_t max_bytes_;
  std::size_t seen_ = 0;
  std::size_t line_begin_ = 0;
  int status_ = 0;
};

}  // namespace downbeat::host
