#include "io/signal_listener.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::host {

signal_listener::signal_listener(event_loop& in, std::initializer_list<int> signals,
                                 std::function<void(int)> received)
    : in_(in), received_(std::move(received)) {
  sigemptyset(&signals_);
  for (const int number : signals) {
    sigaddset(&signals_, number);
    // Each has a set of its own: in a common one, many SIGHUPs would come before every SIGTERM.
    wait(sets_.emplace_back(in_.context(), number));
  }
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

signal_listener::~signal_listener() {
  // They stay blocked: a late one, such as a SIGHUP right after SIGTERM, would otherwise end the
  // process with an exit code that means failure.
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void signal_listener::wait(signal_set& one) {
  one.async_wait([this, &one](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    wait(one);
  });
}

void signal_listener::on_signal(int number) {
  if (arrived_.empty()) in_.when_all_is_handled([this] { deliver(); });
  if (std::find(arrived_.begin(), arrived_.end(), number) == arrived_.end()) {
    arrived_.push_back(number);
  }
}

void signal_listener::deliver() {
  const std::vector<int> arrived = std::exchange(arrived_, {});
  for (const int number : arrived) received_(number);
}

}  // namespace downbeat::host
