#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::host {

/// Decodes a body in the chunked transfer coding (RFC 9112, 7.1). Extensions and trailer fields are
/// checked and discarded.
class chunk_decoder {
 public:
  /// `max_line_bytes` limits the line with a chunk's size, and all trailer fields together.
  explicit chunk_decoder(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  enum class outcome { need_more, done, malformed };

  /// Decodes the received bytes and appends the body to `body`. Sets `used` to the number of bytes
  /// consumed: the rest is an incomplete line or, after `done`, belongs to the next request.
  outcome decode(std::string_view arrived, std::string& body, std::size_t& used);

 private:
  enum class state : std::uint8_t { size_line, data, data_end, trailer };

  outcome take_line(std::string_view line);

  std::size_t max_line_bytes_;
  std::size_t trailer_bytes_ = 0;
  std::uint64_t left_ = 0;  ///< bytes left of the current chunk
  state state_ = state::size_line;
};

}  // namespace downbeat::host
