#pragma once

#include "redis/redis_address.hpp"
#include "redis/redis_away.hpp"
#include "redis/redis_protocol.hpp"

#include <chrono>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace downbeat::host {

/// A connection to Redis, for one thread at a time. Commands may be queued before their answers are
/// read: they go out together.
class redis_connection {
 public:
  /// Connects, and logs in if the address says so. Each step, now and later, may take this long.
  /// Throws redis_away, also if Redis refuses the login.
  redis_connection(const redis_address& to, std::chrono::milliseconds patience);
  redis_connection(const redis_connection&) = delete;
  redis_connection& operator=(const redis_connection&) = delete;
  ~redis_connection();

  /// Queues a command.
  void queue(std::initializer_list<std::string_view> command);
  void queue(std::span<const std::string_view> command);
  /// Sends what is queued, and returns the answer to the oldest command that has none. Throws
  /// redis_away; then the connection is of no use any more.
  redis_reply receive();
  /// Queues a command, and returns its answer. No other may be without one.
  redis_reply ask(std::initializer_list<std::string_view> command);
  /// Ends what another thread is waiting for, or will wait for, with redis_away. Thread-safe.
  void cancel();

 private:
  class stream;

  void log_in(const redis_address& to);

  std::unique_ptr<stream> stream_;
  std::string queued_;
};

}  // namespace downbeat::host
