#pragma once

#include "limit_counts.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat::host {

/// What the host counts for its operator.
struct counters {
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused_total = 0;
  std::uint64_t websockets = 0;
  std::array<std::uint64_t, 6> responses_total = {};  ///< by the first digit of the status
  std::uint64_t messages_received_total = 0;
  std::uint64_t messages_sent_total = 0;
  std::uint64_t bytes_received_total = 0;
  std::uint64_t bytes_sent_total = 0;
  std::uint64_t slow_readers_dropped_total = 0;
  limit_counts limited{"connections",
                       "connections_by_address",
                       "connections_by_proxy",
                       "connects_per_second_by_address",
                       "messages_per_second",
                       "header_bytes",
                       "header_time",
                       "body_time",
                       "send_time",
                       "queued_bytes",
                       "queued_bytes_in_all"};

  counters& operator+=(const counters& other) {
    connections_total += other.connections_total;
    connections_refused_total += other.connections_refused_total;
    websockets += other.websockets;
    for (std::size_t i = 0; i < responses_total.size(); ++i) {
      responses_total[i] += other.responses_total[i];
    }
    messages_received_total += other.messages_received_total;
    messages_sent_total += other.messages_sent_total;
    bytes_received_total += other.bytes_received_total;
    bytes_sent_total += other.bytes_sent_total;
    slow_readers_dropped_total += other.slow_readers_dropped_total;
    limited += other.limited;
    return *this;
  }
};

}  // namespace downbeat::host
