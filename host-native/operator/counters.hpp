#pragma once

#include "telemetry/limit_counts.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace downbeat::host {

/// The host's counters for /metrics.
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
  std::uint64_t accept_errors_total = 0;
  std::uint64_t wait_errors_total = 0;
  std::uint64_t entropy_errors_total = 0;
  std::uint64_t origins_refused_total = 0;
  std::uint64_t recording_failures_total = 0;
  std::uint64_t log_lines_dropped_total = 0;
  std::uint64_t tls_handshakes_failed_total = 0;
  std::uint64_t tls_certificate_expiry_s = 0;  ///< only of the server, not of its loops
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
    accept_errors_total += other.accept_errors_total;
    wait_errors_total += other.wait_errors_total;
    entropy_errors_total += other.entropy_errors_total;
    origins_refused_total += other.origins_refused_total;
    recording_failures_total += other.recording_failures_total;
    log_lines_dropped_total += other.log_lines_dropped_total;
    tls_handshakes_failed_total += other.tls_handshakes_failed_total;
    tls_certificate_expiry_s += other.tls_certificate_expiry_s;
    limited += other.limited;
    return *this;
  }
};

}  // namespace downbeat::host
