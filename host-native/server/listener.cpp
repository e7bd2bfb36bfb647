#include "server/listener.hpp"

#include "http/trusted_proxies.hpp"
#include "io/platform.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How many connections are accepted in one loop iteration, so that a flood does not delay the
// others.
constexpr int accepts_in_a_turn = 4;
constexpr std::chrono::milliseconds pause_after_an_error{200};
constexpr std::chrono::milliseconds bind_interval{20};
// A client may be gone before it is accepted, which is no reason to pause. A kernel that reports
// that without end is.
constexpr int most_errors_in_a_row = 16;
// Limits for the kernel's send buffer of a client. By default it grows to megabytes, which ten
// thousand clients that do not read would take from all. Unsent data waits in the host's queue,
// which has a limit; what may be in flight is enough for a distant client. The kernel doubles
// SO_SNDBUF for its own data.
constexpr int max_unsent_bytes = 32 * 1024;
constexpr int max_send_buffer_bytes = 208 * 1024;
constexpr std::chrono::seconds pause_log_interval{10};
// The kernel reports a connection only with its first data (TCP_DEFER_ACCEPT), which saves one loop
// iteration. After this time it reports a silent one, too, so that the header timeout applies to
// it.
constexpr int defer_accept_s = 1;

bool is_missing_address(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

// accept(2) also reports errors that belong to the new connection, or a firewall rule; the next
// connection may succeed. After a signal the next call may succeed, too.
bool may_be_well_next_time(int error) {
  switch (error) {
    case ECONNABORTED:
    case ECONNRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EINTR:
    case ENETDOWN:
    case ENETUNREACH:
#ifdef ENONET
    case ENONET:
#endif
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPERM:
    case EPROTO:
    case ETIMEDOUT: return true;
    default: return false;
  }
}

}  // namespace

listener::listener(event_loop& events, logger& log, const std::string& host, std::uint16_t port,
                   on_connection arrived, std::chrono::milliseconds patience)
    : events_(events),
      log_(log),
      arrived_(std::move(arrived)),
      patience_(patience),
      port_(port),
      pause_(events, [this] { resume(); }) {
  error_code error;
  if (host.empty()) {
    bind({tcp::v6(), port}, true, error);
    if (is_missing_address(error)) bind({tcp::v4(), port}, false, error);
  } else {
    tcp::resolver resolver(events_.context());
    const auto found = resolver.resolve(host, "", tcp::resolver::passive, error);
    if (error) throw std::runtime_error("cannot listen on " + host + ": " + error.message());
    for (const auto& entry : found) {
      error_code one;
      // `::` means all interfaces with IPv4 included, the same as no host.
      bind({entry.endpoint().address(), port_}, entry.endpoint().address().is_unspecified(), one);
      // `localhost` may resolve to an address that this machine does not have.
      if (one && !(is_missing_address(one) && found.size() > 1)) error = one;
    }
    if (acceptors_.empty() && !error) error = asio::error::host_not_found;
  }
  if (!error) return;
  const std::string what = error == asio::error::address_in_use ? "it is in use" : error.message();
  throw std::runtime_error("cannot listen on port " + std::to_string(port) +
                           (host.empty() ? "" : " of " + host) + ": " + what);
}

listener::listener(event_loop& events, logger& log, const std::vector<int>& sockets,
                   on_connection arrived)
    : events_(events), log_(log), arrived_(std::move(arrived)), port_(0), pause_(events, [this] {
        resume();
      }) {
  for (const int number : sockets) {
    acceptor socket(events_.context());
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(number, reinterpret_cast<sockaddr*>(&address), &size);
    error_code error;
    socket.assign(address.ss_family == AF_INET ? tcp::v4() : tcp::v6(), number, error);
    if (!error) prepare(socket, error);
    if (!error) socket.non_blocking(true, error);
    if (error)
      throw std::runtime_error("cannot listen on a socket of LISTEN_FDS: " + error.message());
    port_ = socket.local_endpoint().port();
    acceptors_.push_back({std::move(socket)});
  }
}

// Accepted sockets inherit these options, which saves system calls for each.
void listener::prepare(acceptor& socket, error_code& error) {
  socket.set_option(tcp::no_delay(true), error);
  if (error) return;
  error_code ignored;
  socket.set_option(asio::socket_base::send_buffer_size(max_send_buffer_bytes), ignored);
  limit_unsent(socket.native_handle(), max_unsent_bytes);
  defer_accept(socket.native_handle(), defer_accept_s);
}

void listener::bind(const tcp::endpoint& where, bool is_dual_stack, error_code& error) {
  const auto end = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    error.clear();
    bind_once(where, is_dual_stack, error);
    if (error != asio::error::address_in_use || std::chrono::steady_clock::now() >= end) return;
    std::this_thread::sleep_for(bind_interval);
  }
}

void listener::bind_once(const tcp::endpoint& where, bool is_dual_stack, error_code& error) {
  acceptor socket(events_.context());
  socket.open(where.protocol(), error);
  if (error) return;
  socket.set_option(asio::socket_base::reuse_address(true), error);
  if (where.protocol() == tcp::v6()) {
    socket.set_option(asio::ip::v6_only(!is_dual_stack), error);
  }
  if (!error) prepare(socket, error);
  if (!error) socket.bind(where, error);
  if (!error) socket.listen(asio::socket_base::max_listen_connections, error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;
  port_ = socket.local_endpoint().port();
  acceptors_.push_back({std::move(socket)});
}

void listener::start() {
  for (listening& one : acceptors_) wait(one);
}

void listener::stop() {
  pause_.clear();
  error_code ignored;
  for (listening& one : acceptors_) one.socket.close(ignored);
}

void listener::wait(listening& at) {
  if (is_paused_ || at.is_awaited || !at.socket.is_open()) return;
  at.is_awaited = true;
  at.socket.async_wait(acceptor::wait_read,
                       [this, &at](const error_code& error) { on_ready(at, error); });
}

void listener::on_ready(listening& at, const error_code& error) {
  at.is_awaited = false;
  if (is_paused_ || !at.socket.is_open()) return;
  if (error) return pause(error.value());
  accept_some(at);
  events_.when_all_is_handled([this, &at] { wait(at); });
}

void listener::accept_some(listening& from) {
  for (int i = 0; i < accepts_in_a_turn; ++i) {
    tcp::endpoint peer;
    error_code error;
    file_descriptor socket = accept_connection(from.socket.native_handle(), peer, error);
    if (error) {
      if (error == asio::error::would_block || error == asio::error::try_again) return;
      if (error != asio::error::interrupted) ++errors_;
      // An error of the system itself, or one that comes again and again, does not go away by
      // retrying at once.
      if (may_be_well_next_time(error.value()) && ++errors_in_a_row_ < most_errors_in_a_row) {
        continue;
      }
      return pause(error.value());
    }
    errors_in_a_row_ = 0;
    arrived_(std::move(socket), text_of(peer.address()));
    // The callback may have stopped the listener.
    if (!from.socket.is_open()) return;
  }
}

// Stops accepting for a while: the waiting connections would otherwise be reported in every turn.
void listener::pause(int error) {
  errors_in_a_row_ = 0;
  // Logged once per interval, even if single connections succeed in between.
  if (events_.now() >= next_log_at_) {
    next_log_at_ = events_.now() + pause_log_interval;
    if (error == EMFILE || error == ENFILE) {
      log_.write(log_level::error, "out of file descriptors",
                 {{"reason", "new connections wait until others close"}});
    } else {
      log_.write(log_level::error, "connections not accepted",
                 {{"reason", std::generic_category().message(error)}});
    }
  }
  is_paused_ = true;
  pause_.set(events_.now() + pause_after_an_error);
}

void listener::resume() {
  is_paused_ = false;
  start();
}

}  // namespace downbeat::host
