#pragma once

#include "redis/redis_address.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace downbeat::host {

/// Hears what is published on the channel of appends, in a thread of its own.
class redis_subscriber {
 public:
  /// Somebody publishes at least once in this time, otherwise the connection is given up.
  redis_subscriber(redis_address where, std::chrono::milliseconds patience);
  redis_subscriber(const redis_subscriber&) = delete;
  redis_subscriber& operator=(const redis_subscriber&) = delete;
  /// Does not wait for the thread, which may be waiting for Redis.
  ~redis_subscriber();

  /// This is called, in that thread, when `take` has something new.
  void on_news(std::function<void()> news);
  /// Subscribes anew, and forgets what has arrived: it may be of a Redis that has been replaced.
  void begin_again();

  struct heard {
    bool is_over = false;  ///< the connection is lost, after these messages
    bool is_new = false;  ///< it has been subscribed anew: what was published before may be missing
    std::vector<std::string> messages;  ///< since then
  };
  /// What has arrived since the last call.
  heard take();

 private:
  struct shared;

  std::shared_ptr<shared> shared_;
};

}  // namespace downbeat::host
