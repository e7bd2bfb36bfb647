#pragma once

#include "http/request_reader.hpp"
#include "input.hpp"

#include <memory>
#include <string>

namespace downbeat::host {

/// What is to be known of a connection while it speaks HTTP.
///
/// It is idle without a reader and without a request. With a reader, a request is being read; with
/// the number of a request, the core owes an answer to it. Both may be, in any order of their ends.
struct http_exchange {
  std::string proxy;  ///< the address of a trusted proxy, if it is one that has connected
  std::string in;     ///< arrived, and not consumed yet
  std::unique_ptr<request_reader> reader;
  request_id request = 0;

  // Of the request that is read or answered at present.
  bool is_post = false;
  bool is_head = false;
  bool is_keep_alive = false;
  bool is_answered = false;           ///< which can be before it has been read to its end
  std::uint64_t discarded_bytes = 0;  ///< of a body that nobody wants any more
  std::string fields;                 ///< for the response
  std::string websocket_key;          ///< while the core decides on a handshake
};

}  // namespace downbeat::host
