#pragma once

#include <cstdint>

namespace downbeat::socketio {

/// The settings of Socket.IO, with the defaults that its clients know.
struct options {
  /// From the opening of a connection to its close, if it has joined no namespace.
  std::int64_t connect_timeout_ms = 45'000;
  /// The most binary attachments that one packet may announce.
  std::int64_t max_attachments = 10;
  /// Acknowledgements that the server has asked one socket for and not been given; its client is
  /// disconnected when there would be one more. 0 lifts the limit.
  std::int64_t max_outstanding_acks = 1'000;
};

}  // namespace downbeat::socketio
