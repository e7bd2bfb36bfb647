#pragma once

#include <array>
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
};

}  // namespace downbeat::host
