#pragma once

#include "bench/load/report.hpp"
#include "flood/assailant.hpp"

#include <cstdint>
#include <deque>
#include <functional>

namespace downbeat::flood {

/// The behaviour of all connections of an attack.
struct attack {
  std::uint32_t connections;
  std::uint32_t addresses;  ///< source addresses of the connections
  int receive_bytes;        ///< size of their receive buffers; 0 for the default
  bool may_stall = false;
  /// Called when the connection is established, and when data has been received.
  std::function<void(assailant&)> on_event = {};
  /// Called when it is time for the next step. Returns the nanoseconds to the one after.
  std::function<std::int64_t(assailant&)> on_time = {};

  bool is_reading(const assailant& a) const { return !may_stall || a.stage != 4; }
};

/// Runs an attack on the server on 127.0.0.1. A client that the server disconnects reconnects at
/// once.
class campaign {
 public:
  campaign(std::uint16_t port, attack kind);

  /// Runs until now_ns() is `end`.
  void run(std::int64_t end);

  void report_to(bench::report& found) const;

 private:
  void begin(assailant& a);
  void handle(assailant& a, std::uint32_t events);
  bool read(assailant& a);
  void flush(assailant& a);
  void end(assailant& a);
  void abandon_and_count(assailant& a);

  std::uint16_t port_;
  attack kind_;
  int epoll_;
  std::deque<assailant> all_;
  std::uint64_t connects_ = 0;
  std::uint64_t thrown_out_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace downbeat::flood
