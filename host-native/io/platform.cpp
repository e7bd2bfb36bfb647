#include "io/platform.hpp"

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace downbeat::host {

file_descriptor accept_connection(int listening, boost::asio::ip::tcp::endpoint& peer,
                                  boost::system::error_code& error) {
  auto size = static_cast<socklen_t>(peer.capacity());
#ifdef __linux__
  file_descriptor taken(::accept4(listening, peer.data(), &size, SOCK_CLOEXEC));
#else
  file_descriptor taken(::accept(listening, peer.data(), &size));
  if (taken) ::fcntl(taken.number(), F_SETFD, FD_CLOEXEC);
#endif
  error.assign(taken ? 0 : errno, boost::system::system_category());
  if (taken) peer.resize(size);
  return taken;
}

void limit_unsent([[maybe_unused]] int listening, [[maybe_unused]] int bytes) {
#ifdef TCP_NOTSENT_LOWAT
  ::setsockopt(listening, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
#endif
}

void defer_accept([[maybe_unused]] int listening, [[maybe_unused]] int seconds) {
#ifdef TCP_DEFER_ACCEPT
  ::setsockopt(listening, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
#endif
}

std::size_t most_watched_descriptors() {
#if defined(BOOST_ASIO_HAS_EPOLL) || defined(BOOST_ASIO_HAS_KQUEUE) || \
    defined(BOOST_ASIO_HAS_DEV_POLL)
  return std::numeric_limits<std::size_t>::max();
#else
  return FD_SETSIZE;
#endif
}

ssize_t random_bytes(void* into, std::size_t size) {
#ifdef __linux__
  return ::getrandom(into, size, 0);
#else
  const std::size_t some = std::min<std::size_t>(size, 256);
  return ::getentropy(into, some) == 0 ? static_cast<ssize_t>(some) : -1;
#endif
}

}  // namespace downbeat::host
