#include "host/faults.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace downbeat::test {
namespace {

struct plan_in_force {
  fault_plan::fault what;
  std::vector<int> spared;
  std::thread::id planner;
  int calls = 0;
  int hits = 0;
};

std::atomic<bool> is_any_in_force = false;
std::mutex mutex;
std::optional<plan_in_force> in_force;

/// The error with which a call must fail; 0 to do only a part of it; nothing to do it normally.
std::optional<int> fault_of(system_call what, int descriptor) {
  if (!is_any_in_force) return std::nullopt;
  const std::lock_guard lock(mutex);
  if (!in_force || in_force->what.what != what) return std::nullopt;
  plan_in_force& plan = *in_force;
  if (std::this_thread::get_id() == plan.planner) return std::nullopt;
  const bool is_spared =
      std::find(plan.spared.begin(), plan.spared.end(), descriptor) != plan.spared.end();
  if (is_spared) return std::nullopt;
  const int number = plan.calls++;
  if (number < plan.what.first || number - plan.what.first >= plan.what.times) return std::nullopt;
  ++plan.hits;
  return plan.what.error;
}

/// Makes a call fail, do a part of its work, or do all of it, as planned.
template <class Result, class Part, class Whole>
Result perform(system_call what, int descriptor, const Part& part, const Whole& whole) {
  const auto fault = fault_of(what, descriptor);
  if (!fault) return whole();
  if (*fault == 0) return part();
  errno = *fault;
  return -1;
}

}  // namespace

fault_plan::fault_plan(const fault& what, std::vector<int> spared) {
  const std::lock_guard lock(mutex);
  in_force = plan_in_force{what, std::move(spared), std::this_thread::get_id()};
  is_any_in_force = true;
}

fault_plan::~fault_plan() {
  const std::lock_guard lock(mutex);
  is_any_in_force = false;
  in_force.reset();
}

int fault_plan::hits() const {
  const std::lock_guard lock(mutex);
  return in_force->hits;
}

int descriptor_of_peer(std::uint16_t remote_port) {
  for (int descriptor = 0; descriptor < 4096; ++descriptor) {
    sockaddr_in where{};
    socklen_t size = sizeof where;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&where), &size) != 0) continue;
    std::uint16_t port = where.sin_port;
    if (where.sin_family == AF_INET6) {
      sockaddr_in6 six{};
      size = sizeof six;
      getpeername(descriptor, reinterpret_cast<sockaddr*>(&six), &size);
      port = six.sin6_port;
    }
    if (ntohs(port) == remote_port) return descriptor;
  }
  return -1;
}

int open_descriptors() {
  int count = 0;
  for (int descriptor = 0; descriptor < 4096; ++descriptor) {
    count += fcntl(descriptor, F_GETFD) >= 0 ? 1 : 0;
  }
  return count;
}

}  // namespace downbeat::test

using downbeat::test::fault_of;
using downbeat::test::perform;
using downbeat::test::system_call;

// NOLINTBEGIN: the linker gives these names.
extern "C" {

int __real_accept4(int, sockaddr*, socklen_t*, int);
int __real_epoll_ctl(int, int, int, epoll_event*);
int __real_epoll_wait(int, epoll_event*, int, int);
ssize_t __real_getrandom(void*, std::size_t, unsigned);
ssize_t __real_recv(int, void*, std::size_t, int);
ssize_t __real_send(int, const void*, std::size_t, int);
ssize_t __real_sendmsg(int, const msghdr*, int);
int __real_setsockopt(int, int, int, const void*, socklen_t);
int __real_shutdown(int, int);
ssize_t __real_writev(int, const iovec*, int);

int __wrap_accept4(int on, sockaddr* from, socklen_t* size, int flags) {
  const auto fault = fault_of(system_call::accept, on);
  if (!fault) return __real_accept4(on, from, size, flags);
  // An error of the new connection itself removes it from the queue. For all other errors it stays
  // there.
  constexpr std::array of_the_peer{ECONNABORTED, EPROTO,       EPERM,       ENETDOWN, ENOPROTOOPT,
                                   EHOSTDOWN,    EHOSTUNREACH, ENETUNREACH, ENONET,   EOPNOTSUPP};
  if (std::find(of_the_peer.begin(), of_the_peer.end(), *fault) != of_the_peer.end()) {
    const int taken = __real_accept4(on, from, size, flags);
    if (taken < 0) return taken;
    close(taken);
  }
  errno = *fault;
  return -1;
}

int __wrap_epoll_ctl(int in, int operation, int what, epoll_event* event) {
  // Only adding needs resources, so nothing else can fail.
  if (operation != EPOLL_CTL_ADD) return __real_epoll_ctl(in, operation, what, event);
  const auto all = [&] { return __real_epoll_ctl(in, operation, what, event); };
  return perform<int>(system_call::epoll_ctl, what, all, all);
}

int __wrap_epoll_wait(int in, epoll_event* events, int most, int timeout_ms) {
  return perform<int>(
      system_call::epoll_wait, in, [&] { return __real_epoll_wait(in, events, 1, timeout_ms); },
      [&] { return __real_epoll_wait(in, events, most, timeout_ms); });
}

ssize_t __wrap_getrandom(void* to, std::size_t size, unsigned flags) {
  return perform<ssize_t>(
      system_call::getrandom, -1, [&] { return __real_getrandom(to, size > 0 ? 1 : 0, flags); },
      [&] { return __real_getrandom(to, size, flags); });
}

ssize_t __wrap_recv(int from, void* to, std::size_t size, int flags) {
  return perform<ssize_t>(
      system_call::recv, from, [&] { return __real_recv(from, to, size > 0 ? 1 : 0, flags); },
      [&] { return __real_recv(from, to, size, flags); });
}

ssize_t __wrap_send(int to, const void* from, std::size_t size, int flags) {
  return perform<ssize_t>(
      system_call::send, to, [&] { return __real_send(to, from, size > 0 ? 1 : 0, flags); },
      [&] { return __real_send(to, from, size, flags); });
}

ssize_t __wrap_sendmsg(int to, const msghdr* message, int flags) {
  const auto part = [&]() -> ssize_t {
    for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
      const iovec& one = message->msg_iov[i];
      if (one.iov_len > 0) return __real_send(to, one.iov_base, 1, flags);
    }
    return 0;
  };
  return perform<ssize_t>(system_call::send, to, part,
                          [&] { return __real_sendmsg(to, message, flags); });
}

ssize_t __wrap_writev(int to, const iovec* pieces, int count) {
  const auto part = [&]() -> ssize_t {
    for (int i = 0; i < count; ++i) {
      if (pieces[i].iov_len > 0) return write(to, pieces[i].iov_base, 1);
    }
    return 0;
  };
  return perform<ssize_t>(system_call::send, to, part,
                          [&] { return __real_writev(to, pieces, count); });
}

int __wrap_setsockopt(int of, int level, int name, const void* value, socklen_t size) {
  const auto all = [&] { return __real_setsockopt(of, level, name, value, size); };
  return perform<int>(system_call::setsockopt, of, all, all);
}

int __wrap_shutdown(int what, int how) {
  const auto all = [&] { return __real_shutdown(what, how); };
  return perform<int>(system_call::shutdown, what, all, all);
}

}  // extern "C"
// NOLINTEND
