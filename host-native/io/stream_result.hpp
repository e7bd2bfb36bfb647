#pragma once

#include <cstddef>
#include <cstdint>

namespace downbeat::host {

/// How a read or a write of a stream ended.
enum class stream_status : std::uint8_t {
  ok,          ///< `size` bytes. A read of TLS may have none, if there is more to read
  blocked,     ///< try again when the system reports the socket
  end,         ///< reading only: the client has shut down sending
  plain_http,  ///< reading only: the client speaks plain HTTP to TLS. The stream is plain from now
               ///< on
  failed,      ///< the connection is lost
};

struct stream_result {
  stream_status what;
  std::size_t size = 0;
  bool is_more = false;  ///< reading only: there may be more to read at once
};

}  // namespace downbeat::host
