#include "server/signal_watch.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace downbeat::host {

signal_watch::signal_watch(poller& in, std::initializer_list<int> signals,
                           std::function<void(int)> received)
    : in_(in), received_(std::move(received)) {
  sigemptyset(&signals_);
  for (const int signal : signals) sigaddset(&signals_, signal);
  descriptor_ = descriptor(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "signalfd");
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  in_.watch(descriptor_.number(), [this] { read(); });
}

signal_watch::~signal_watch() {
  in_.unwatch(descriptor_.number());
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

void signal_watch::read() {
  signalfd_siginfo one{};
  while (::read(descriptor_.number(), &one, sizeof one) == sizeof one) {
    received_(static_cast<int>(one.ssi_signo));
  }
}

}  // namespace downbeat::host
