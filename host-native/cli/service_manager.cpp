#include "cli/service_manager.hpp"

#include "cli/option_checks.hpp"
#include "io/file_descriptor.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string>

namespace downbeat::host {

bool notify_service_manager(std::string_view state) {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = std::strlen(name);
  if (size >= sizeof address.sun_path || (*name != '/' && *name != '@')) return false;
  std::memcpy(address.sun_path, name, size);
  // An abstract socket's name begins with a zero byte and has none at its end (unix(7)).
  if (*name == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  const file_descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return false;
  return ::sendto(socket.number(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                  reinterpret_cast<const sockaddr*>(&address),
                  length) == static_cast<ssize_t>(state.size());
}

bool notify_service_manager_of_reload() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
  return notify_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

namespace {

/// The first file descriptor that is passed on.
constexpr int first_passed = 3;

int option_of(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool is_listening_tcp(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  const bool is_ip = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  return is_ip && option_of(socket, SO_TYPE) == SOCK_STREAM &&
         option_of(socket, SO_ACCEPTCONN) == 1;
}

}  // namespace

std::vector<int> take_listening_sockets() {
  const char* const process = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  std::vector<int> sockets;
  if (process == nullptr || count == nullptr) return sockets;
  const auto wanted = read_decimal(count);
  const auto for_process = read_decimal(process);
  // They may be meant for the process that has started this one.
  if (for_process != ::getpid()) return sockets;
  constexpr std::int64_t most = 64;
  if (!wanted || *wanted < 0 || *wanted > most) {
    throw std::runtime_error("LISTEN_FDS must be a number up to 64, not " + std::string(count));
  }
  for (int i = 0; i < static_cast<int>(*wanted); ++i) {
    const int socket = first_passed + i;
    if (!is_listening_tcp(socket)) {
      throw std::runtime_error("file descriptor " + std::to_string(socket) +
                               " of LISTEN_FDS is no TCP socket that listens");
    }
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    sockets.push_back(socket);
  }
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return sockets;
}

std::string address_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "";
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(socket, general, &size) != 0 ||
      ::getnameinfo(general, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  const std::string text = host;
  return text == "::" ? std::string() : text;
}

}  // namespace downbeat::host
