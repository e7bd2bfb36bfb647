#pragma once

#include <cstdint>

namespace downbeat::host {

/// Figures of the messages between nodes. A message to two nodes counts twice.
struct relay_counters {
  bool is_connected = true;  ///< all connections of all loops
  std::uint64_t sent_total = 0;
  std::uint64_t received_total = 0;
  std::uint64_t dropped_total = 0;  ///< not sent, as Redis was away or slow
  std::uint64_t gaps_total = 0;     ///< sent by other nodes, and not received
  std::uint64_t publishes_total = 0;
  std::uint64_t sent_bytes_total = 0;
  std::uint64_t received_bytes_total = 0;

  relay_counters& operator+=(const relay_counters& other) {
    is_connected = is_connected && other.is_connected;
    sent_total += other.sent_total;
    received_total += other.received_total;
    dropped_total += other.dropped_total;
    gaps_total += other.gaps_total;
    publishes_total += other.publishes_total;
    sent_bytes_total += other.sent_bytes_total;
    received_bytes_total += other.received_bytes_total;
    return *this;
  }
};

}  // namespace downbeat::host
