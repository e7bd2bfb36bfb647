#pragma once

#include "log/logger.hpp"
#include "server/descriptor.hpp"
#include "server/poller.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace downbeat::host {

/// Listens on every address that a host has, and hands out the connections that come in. Asio finds
/// the addresses and binds to them.
class listener {
 public:
  /// Gets a socket that does not block, and its peer's address without the port.
  using on_connection = std::function<void(descriptor socket, std::string remote_address)>;

  /// Binds at once. An empty host stands for every interface; port 0 for a free one. Throws
  /// std::runtime_error with one line for the operator.
  listener(poller& poll, logger& log, const std::string& host, std::uint16_t port,
           on_connection arrived);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start();
  void stop();

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;

  void bind(const boost::asio::ip::tcp::endpoint& where, bool is_dual_stack,
            boost::system::error_code& error);
  void accept_all(acceptor& from);
  void pause();

  poller& poll_;
  boost::asio::io_context io_{1};  ///< never runs: waiting is the poller's
  logger& log_;
  on_connection arrived_;
  std::vector<acceptor> acceptors_;
  std::uint16_t port_;
  poller::clock::time_point say_again_{};  ///< that there are no more files
  timer pause_;
};

}  // namespace downbeat::host
