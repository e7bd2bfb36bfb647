#include "jam/options.hpp"

#include <algorithm>

namespace downbeat::jam {
namespace {

/// Bytes of a packet around the event's JSON: type, number of attachments, acknowledgement id.
constexpr std::int64_t packet_head_bytes = 1'024;

/// Messages of one client that are kept while its command waits for the journal.
constexpr std::int64_t max_buffered_bytes = 256 * 1024;

}  // namespace

std::int64_t max_packet_bytes(const options& of) {
  const std::int64_t message = of.engineio.max_payload_bytes;
  if (of.max_event_bytes == 0) return message * (1 + of.socketio.max_attachments);
  return std::max(message, of.max_event_bytes + packet_head_bytes);
}

socketio::options socketio_options(const options& of) {
  socketio::options result = of.socketio;
  result.max_packet_bytes = max_packet_bytes(of);
  result.max_buffered_bytes_in_all = of.engineio.max_queued_bytes_in_all;
  result.keeps_query = false;
  result.recovers = of.reconnect_grace_s != 0;
  if (of.journal == journal_kind::host) {
    result.pauses_clients = true;
    result.max_buffered_bytes = std::min(result.max_buffered_bytes, max_buffered_bytes);
  }
  return result;
}

socketio::transport_limits transport_limits(const options& of) {
  return {of.engineio.max_queued_bytes, of.engineio.max_queued_bytes_in_all,
          of.engineio.max_payload_bytes, of.engineio.max_messages_per_second};
}

}  // namespace downbeat::jam
