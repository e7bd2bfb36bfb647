#pragma once

#include "server/descriptor.hpp"
#include "server/poller.hpp"

#include <csignal>
#include <functional>
#include <initializer_list>

namespace downbeat::host {

/// Turns signals, as long as it lives, into something that a poller waits for. Threads that are
/// started later leave them to it too.
class signal_watch {
 public:
  /// Throws std::system_error.
  signal_watch(poller& in, std::initializer_list<int> signals, std::function<void(int)> received);
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;
  ~signal_watch();

 private:
  void read();

  poller& in_;
  std::function<void(int)> received_;
  sigset_t signals_{};
  descriptor descriptor_;
};

}  // namespace downbeat::host
