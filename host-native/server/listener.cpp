#include "server/listener.hpp"

#include "http/trusted_proxies.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How many connections are taken in before others get their turn. They may be a flood.
constexpr int accepts_in_a_turn = 4;
constexpr std::chrono::milliseconds pause_without_files{200};
// What the kernel may keep for a peer. By itself it lets this grow to megabytes, which ten thousand
// who do not read have together at the cost of all. What has not been sent yet waits in our queue,
// where its bound is; what is on its way may be enough for a distant peer. The kernel doubles the
// latter, for what it keeps beside the data.
constexpr int max_unsent_bytes = 32 * 1024;
constexpr int max_send_buffer_bytes = 208 * 1024;
constexpr std::chrono::seconds shortage_is_told_every{10};
// A peer is let in together with the first that it says, in one turn instead of two. Whoever says
// nothing for this long is let in as well, so that its time to send a request runs.
constexpr int most_silence_s = 1;

bool is_missing_address(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

}  // namespace

listener::listener(poller& poll, logger& log, const std::string& host, std::uint16_t port,
                   on_connection arrived)
    : poll_(poll), log_(log), arrived_(std::move(arrived)), port_(port), pause_(poll, [this] {
        start();
      }) {
  error_code error;
  if (host.empty()) {
    bind({tcp::v6(), port}, true, error);
    if (is_missing_address(error)) bind({tcp::v4(), port}, false, error);
  } else {
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(host, "", tcp::resolver::passive, error);
    if (error) throw std::runtime_error("cannot listen on " + host + ": " + error.message());
    for (const auto& entry : found) {
      error_code one;
      bind({entry.endpoint().address(), port_}, false, one);
      // `localhost` may have an address that this machine does not.
      if (one && !(is_missing_address(one) && found.size() > 1)) error = one;
    }
    if (acceptors_.empty() && !error) error = asio::error::host_not_found;
  }
  if (!error) return;
  const std::string what = error == asio::error::address_in_use ? "it is in use" : error.message();
  throw std::runtime_error("cannot listen on port " + std::to_string(port) +
                           (host.empty() ? "" : " of " + host) + ": " + what);
}

void listener::bind(const tcp::endpoint& where, bool is_dual_stack, error_code& error) {
  acceptor socket(io_);
  socket.open(where.protocol(), error);
  if (error) return;
  socket.set_option(asio::socket_base::reuse_address(true), error);
  if (where.protocol() == tcp::v6()) {
    socket.set_option(asio::ip::v6_only(!is_dual_stack), error);
  }
  // Those that it accepts inherit all of these, which saves each the system calls.
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &max_unsent_bytes,
               sizeof max_unsent_bytes);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDBUF, &max_send_buffer_bytes,
               sizeof max_send_buffer_bytes);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &most_silence_s,
               sizeof most_silence_s);
  socket.bind(where, error);
  if (!error) socket.listen(asio::socket_base::max_listen_connections, error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;
  port_ = socket.local_endpoint().port();
  acceptors_.push_back(std::move(socket));
}

void listener::start() {
  for (acceptor& one : acceptors_) {
    poll_.watch(one.native_handle(), [this, &one] { accept_all(one); });
  }
}

void listener::stop() {
  pause_.clear();
  error_code ignored;
  for (acceptor& one : acceptors_) {
    poll_.unwatch(one.native_handle());
    one.close(ignored);
  }
}

void listener::accept_all(acceptor& from) {
  for (int i = 0; i < accepts_in_a_turn; ++i) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    descriptor socket(
        ::accept4(from.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return pause();
      }
      continue;  // that peer has already gone
    }
    peer.resize(size);
    arrived_(std::move(socket), text_of(peer.address()));
    // The one who takes it may have had enough.
    if (!from.is_open()) return;
  }
}

void listener::pause() {
  // It is said once in a while, also if now and then one more gets in.
  if (poll_.now() >= say_again_) {
    say_again_ = poll_.now() + shortage_is_told_every;
    log_.write(log_level::error, "out of file descriptors",
               {{"reason", "new connections wait until others close"}});
  }
  for (acceptor& one : acceptors_) poll_.unwatch(one.native_handle());
  pause_.set(poll_.now() + pause_without_files);
}

}  // namespace downbeat::host
