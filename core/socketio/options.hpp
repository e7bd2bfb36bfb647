#pragma once

#include <cstdint>

namespace downbeat::socketio {

/// The settings of Socket.IO. The defaults are those of the reference server where it has them.
struct options {
  /// Time from opening a connection until its client must have connected to a namespace.
  std::int64_t connect_timeout_ms = 45'000;
  /// The most attachments of one packet.
  std::int64_t max_attachments = 10;
  /// Bytes of an incomplete binary packet, text and attachments; a client above that is
  /// disconnected. The default fits a text and ten attachments of the largest size that Engine.IO
  /// allows. 0 means no limit.
  std::int64_t max_packet_bytes = 11'000'000;
  /// Time from the text of a binary packet to its last attachment. 0 means no limit, as in the
  /// reference server.
  std::int64_t attachment_timeout_ms = 0;
  /// Bytes of one client's messages that are held while another shard is asked (as long as two
  /// messages between shards take). A client above that is disconnected. 0 means no limit.
  std::int64_t max_buffered_bytes = 4 * 1024 * 1024;
  /// Whether the application holds messages even with one shard. Only for the computed memory
  /// limits.
  bool pauses_clients = false;
  /// Bytes of incomplete packets and held messages of all clients. Above that the clients with the
  /// most bytes are disconnected. 0 means no limit.
  std::int64_t max_buffered_bytes_in_all = 268'435'456;
  /// Whether `connect_request` contains the query of the client's first request. It is kept as long
  /// as the connection, because the client may connect to further namespaces.
  bool keeps_query = true;
  /// CONNECT packets of one client per minute, with a burst of the same number. A client above that
  /// is disconnected. 0 means no limit.
  std::int64_t max_connects_per_minute = 0;
  /// Acknowledgements of one socket that the server waits for. If there would be one more, the
  /// client is disconnected. 0 means no limit.
  std::int64_t max_outstanding_acks = 1'000;
  /// Whether clients get a `pid`, by which they recover their socket after a lost connection.
  bool recovers = false;
};

}  // namespace downbeat::socketio
