#pragma once

#include "io/event_loop.hpp"
#include "io/file_descriptor.hpp"
#include "log/logger.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace downbeat::host {

/// Listens on every address of a host and passes on accepted connections.
class listener {
 public:
  /// Gets a connected socket, and the client's address without the port.
  using on_connection = std::function<void(file_descriptor socket, std::string remote_address)>;

  /// Binds at once, or waits so long for another process that has the port. An empty host means all
  /// interfaces; port 0 a free one. Throws std::runtime_error with one line for the operator.
  listener(event_loop& events, logger& log, const std::string& host, std::uint16_t port,
           on_connection arrived, std::chrono::milliseconds patience = {});
  /// Listens on sockets that were opened elsewhere and listen already. They are closed by `stop`.
  listener(event_loop& events, logger& log, const std::vector<int>& sockets, on_connection arrived);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start();
  void stop();

  /// How often accepting failed.
  [[nodiscard]] std::uint64_t errors() const { return errors_; }

 private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;

  void prepare(acceptor& socket, boost::system::error_code& error);
  void bind_once(const boost::asio::ip::tcp::endpoint& where, bool is_dual_stack,
                 boost::system::error_code& error);
  void bind(const boost::asio::ip::tcp::endpoint& where, bool is_dual_stack,
            boost::system::error_code& error);
  struct listening {
    acceptor socket;
    bool is_awaited = false;
  };

  void wait(listening& at);
  void on_ready(listening& at, const boost::system::error_code& error);
  void accept_some(listening& from);
  void pause(int error);
  void resume();

  event_loop& events_;
  logger& log_;
  on_connection arrived_;
  std::chrono::milliseconds patience_{};
  std::vector<listening> acceptors_;
  std::uint16_t port_;
  std::uint64_t errors_ = 0;
  int errors_in_a_row_ = 0;
  event_loop::clock::time_point next_log_at_{};  ///< for `connections not accepted`
  bool is_paused_ = false;
  timer pause_;
};

}  // namespace downbeat::host
