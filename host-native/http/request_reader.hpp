#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace downbeat::host {

/// Reads one HTTP/1 request from a stream of bytes, without any I/O. Beast parses the head;
/// head_scanner first refuses what Beast would accept and others might understand differently.
class request_reader {
 public:
  enum class outcome {
    need_more,
    head,     ///< the head is complete; call again for the body
    done,     ///< the request is complete; the remaining bytes belong to the next one
    refused,  ///< respond with `refusal` and close: where the next request begins is unknown
  };

  explicit request_reader(std::uint32_t max_head_bytes);
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;
  ~request_reader();

  /// Consumes bytes from the front of `in`.
  outcome read(std::string& in);

  /// The status of the error response after `refused`.
  [[nodiscard]] int refusal() const;

  [[nodiscard]] bool has_head() const;
  /// Only valid once the head is complete.
  [[nodiscard]] const request& head() const;
  /// Whether the head is complete and a body follows it.
  [[nodiscard]] bool has_body() const;
  /// The value of Content-Length, if there is one.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;

  /// The part of the body that has been received. A caller that discards the body clears this.
  [[nodiscard]] std::string& body();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace downbeat::host
