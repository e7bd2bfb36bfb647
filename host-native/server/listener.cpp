#include "server/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

namespace downbeat::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How many connections are taken in before others get their turn.
constexpr int accepts_in_a_turn = 64;
constexpr std::chrono::milliseconds pause_without_files{200};

std::string text_of(asio::ip::address address) {
  // An IPv4 peer of a socket that listens for both looks like ::ffff:192.0.2.1.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

bool is_missing_address(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

}  // namespace

listener::listener(asio::io_context& io, logger& log, const std::string& host, std::uint16_t port,
                   on_connection arrived)
    : io_(io), log_(log), arrived_(std::move(arrived)), port_(port) {
  error_code error;
  if (host.empty()) {
    bind({tcp::v6(), port}, true, error);
    if (is_missing_address(error)) bind({tcp::v4(), port}, false, error);
  } else {
    tcp::resolver resolver(io);
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
  socket.bind(where, error);
  if (!error) socket.listen(asio::socket_base::max_listen_connections, error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;
  port_ = socket.local_endpoint().port();
  acceptors_.push_back(std::move(socket));
}

void listener::start() {
  for (acceptor& one : acceptors_) wait(one);
}

void listener::stop() {
  error_code ignored;
  for (acceptor& one : acceptors_) one.close(ignored);
}

void listener::wait(acceptor& from) {
  from.async_wait(acceptor::wait_read, [this, &from](const error_code& error) {
    if (!error) accept_all(from);
  });
}

void listener::accept_all(acceptor& from) {
  for (int i = 0; i < accepts_in_a_turn; ++i) {
    error_code error;
    tcp::endpoint peer;
    tcp_socket socket(io_);
    from.accept(socket, peer, error);
    if (error == asio::error::would_block) break;
    if (error == asio::error::no_descriptors ||
        error == boost::system::errc::too_many_files_open_in_system) {
      return pause(from);
    }
    if (error) continue;  // that peer has already gone
    is_short_of_files_ = false;
    socket.non_blocking(true, error);
    if (!error) arrived_(std::move(socket), text_of(peer.address()));
  }
  if (from.is_open()) wait(from);
}

void listener::pause(acceptor& from) {
  if (!std::exchange(is_short_of_files_, true)) {
    log_.write(log_level::error, "out of file descriptors",
               {{"reason", "new connections wait until others close"}});
  }
  auto timer = std::make_shared<asio::steady_timer>(io_, pause_without_files);
  timer->async_wait([this, &from, timer](const error_code&) {
    if (from.is_open()) accept_all(from);
  });
}

}  // namespace downbeat::host
