#pragma once

#include <csignal>

namespace downbeat::host {

/// Blocks all signals while it exists, so that threads started meanwhile never handle any. They
/// belong to the thread of `signal_listener`.
class without_signals {
 public:
  without_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  without_signals(const without_signals&) = delete;
  without_signals& operator=(const without_signals&) = delete;
  ~without_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace downbeat::host
