#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace downbeat::host {

/// Reads one HTTP/1 request out of a stream of bytes, without any I/O. Beast does the parsing.
class request_reader {
 public:
  enum class outcome {
    need_more,
    head,            ///< the head is complete; read on for the body
    done,            ///< the request is complete; what is left belongs to the next one
    malformed,       ///< feed no more
    head_too_large,  ///< feed no more
  };

  explicit request_reader(std::uint32_t max_head_bytes);
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;
  ~request_reader();

  /// Consumes bytes from the front of `in`.
  outcome read(std::string& in);

  [[nodiscard]] bool has_head() const;
  /// Once the head is complete.
  [[nodiscard]] const request& head() const;
  /// Whether a body follows the head, if that is complete.
  [[nodiscard]] bool has_body() const;
  /// The length of the body, if the head names it. Whoever reads on finds it acceptable: so much
  /// memory is set aside.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;

  /// What has come of the body so far. Whoever does not want it clears it.
  [[nodiscard]] std::string& body();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace downbeat::host
