#pragma once

#include "io/event_loop.hpp"

#include <boost/asio/basic_signal_set.hpp>

#include <csignal>
#include <functional>
#include <initializer_list>
#include <list>
#include <vector>

namespace downbeat::host {

/// Delivers signals through an event loop while it exists: each number once in a turn, however
/// often it came. Must be created in the thread of the loop, the only one that does not block them.
class signal_listener {
 public:
  /// Throws boost::system::system_error.
  signal_listener(event_loop& in, std::initializer_list<int> signals,
                  std::function<void(int)> received);
  signal_listener(const signal_listener&) = delete;
  signal_listener& operator=(const signal_listener&) = delete;
  ~signal_listener();

 private:
  using signal_set = boost::asio::basic_signal_set<boost::asio::io_context::executor_type>;

  void wait(signal_set& one);
  void on_signal(int number);
  void deliver();

  event_loop& in_;
  std::function<void(int)> received_;
  sigset_t signals_{};
  std::list<signal_set> sets_;
  std::vector<int> arrived_;
};

}  // namespace downbeat::host
