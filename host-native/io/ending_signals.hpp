#pragma once

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace downbeat::host {

/// While it exists, SIGTERM and SIGINT end the process at once, although there is no event loop any
/// more. For the thread that had the `signal_listener`, after that is gone.
class ending_signals {
 public:
  ending_signals() {
    sigemptyset(&which_);
    for (const int number : {SIGTERM, SIGINT}) {
      sigaddset(&which_, number);
      // As the first process of a container it would not end by these signals otherwise.
      std::signal(number, [](int received) { std::_Exit(128 + received); });
    }
    pthread_sigmask(SIG_UNBLOCK, &which_, nullptr);
  }
  ending_signals(const ending_signals&) = delete;
  ending_signals& operator=(const ending_signals&) = delete;
  ~ending_signals() { pthread_sigmask(SIG_BLOCK, &which_, nullptr); }

 private:
  sigset_t which_{};
};

}  // namespace downbeat::host
