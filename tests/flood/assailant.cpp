#include "flood/assailant.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace downbeat::flood {
namespace {

int call(int (*function)(int, const sockaddr*, socklen_t), int descriptor, std::uint32_t host,
         std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  sockaddr plain{};
  std::memcpy(&plain, &address, sizeof address);
  return function(descriptor, &plain, sizeof address);
}

}  // namespace

bool connect_from(assailant& a, std::uint32_t source, std::uint16_t port, int receive_bytes) {
  a.is_connected = false;
  a.stage = 0;
  a.received = 0;
  a.outbox.clear();
  a.inbox.clear();
  a.room.clear();
  a.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (a.descriptor < 0) return false;
  const int on = 1;
  setsockopt(a.descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (receive_bytes > 0) {
    setsockopt(a.descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  }
  if (call(bind, a.descriptor, source, 0) == 0 &&
      (call(connect, a.descriptor, INADDR_LOOPBACK, port) == 0 || errno == EINPROGRESS)) {
    return true;
  }
  abandon(a);
  return false;
}

bool push(assailant& a) {
  while (!a.outbox.empty()) {
    const ssize_t count = send(a.descriptor, a.outbox.data(), a.outbox.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    a.outbox.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

bool pull(assailant& a) {
  std::array<char, 65'536> buffer;
  const ssize_t count = recv(a.descriptor, buffer.data(), buffer.size(), 0);
  if (count < 0) return errno == EAGAIN;
  a.inbox.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

void abandon(assailant& a) {
  if (a.descriptor < 0) return;
  const linger at_once{1, 0};
  setsockopt(a.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(a.descriptor);
  a.descriptor = -1;
}

}  // namespace downbeat::flood
