#pragma once

#include <string>
#include <string_view>

namespace downbeat::host {

/// An HTTP response, ready to be written.
struct response {
  int status = 200;
  std::string_view content_type = {};  ///< empty: none is named
  std::string body = {};
  /// More header fields, each with its line end, such as `Vary: Origin\r\n`.
  std::string fields = {};
};

/// Appends the response. `is_head` leaves out the body that the head describes.
void append_response(std::string& out, const response& what, bool is_keep_alive, bool is_head);

std::string_view reason_phrase(int status);

}  // namespace downbeat::host
