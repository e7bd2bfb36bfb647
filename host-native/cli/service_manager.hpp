#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// Sends a state such as `READY=1` to the service manager (systemd) through NOTIFY_SOCKET
/// (sd_notify(3)). Returns true if it was sent or NOTIFY_SOCKET is not set, and false if it could
/// not be sent.
bool notify_service_manager(std::string_view state);

/// Sends `RELOADING=1` with the MONOTONIC_USEC that systemd requires.
bool notify_service_manager_of_reload();

/// The listening sockets that the service manager has opened for this process (`LISTEN_FDS`, see
/// sd_listen_fds(3)). They outlive the process, so clients wait while it is replaced. Empty without
/// any. Forgets the environment variables. Throws std::runtime_error with one line for the operator
/// if one of them is no listening TCP socket.
std::vector<int> take_listening_sockets();
/// The address to which a socket is bound, without the port; empty for every interface.
std::string address_of(int socket);

}  // namespace downbeat::host
