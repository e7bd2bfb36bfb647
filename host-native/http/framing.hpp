#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// How the body of a request is delimited.
struct framing {
  bool is_chunked = false;
  std::optional<std::uint64_t> content_length = {};  ///< if there is one
  /// The status of the error response if the end of the request is ambiguous; otherwise 0.
  int refusal = 0;
};

/// Determines the length of a request's body from all values of its header fields Transfer-Encoding
/// and Content-Length (RFC 9112, 6.1 to 6.3). Everything ambiguous is refused: two readers that
/// disagree about the length make request smuggling possible.
framing read_framing(const std::vector<std::string_view>& transfer_encodings,
                     const std::vector<std::string_view>& content_lengths, bool is_http_1_1);

}  // namespace downbeat::host
