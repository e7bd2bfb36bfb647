#pragma once

#include "engineio/options.hpp"
#include "log/logger.hpp"
#include "server/server.hpp"
#include "server/server_options.hpp"
#include "support/echo.hpp"

#include <memory>
#include <string>
#include <thread>

namespace downbeat::test {

/// A server with the echo application on the loopback, on a thread of its own.
class running_server {
 public:
  explicit running_server(host::server_options options = {},
                          const engineio::options& engineio = {}) {
    options.host = "127.0.0.1";
    options.port = 0;
    options.max_payload_bytes = engineio.max_payload_bytes;
    server_ = std::make_unique<host::server>(options, make_echo_with(engineio), log_);
    thread_ = std::thread([this] { server_->run(); });
  }
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;
  ~running_server() { stop(); }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  /// Returns when the server has taken leave of everybody.
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  /// Only asks it to.
  void begin_stop() { server_->stop(); }

 private:
  host::logger log_{host::log_level::off, host::log_format::text};
  std::unique_ptr<host::server> server_;
  std::thread thread_;
};

}  // namespace downbeat::test
