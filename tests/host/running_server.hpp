#pragma once

#include "driver/recorder.hpp"
#include "engineio/options.hpp"
#include "host/test_certificate.hpp"
#include "log/logger.hpp"
#include "options/server_options.hpp"
#include "server/server.hpp"
#include "support/echo.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace downbeat::test {

/// A server with the echo application on the loopback interface, in a thread of its own. With TLS
/// in its options it uses `test_certificate`.
class running_server {
 public:
  explicit running_server(host::server_options options = {}, const engineio::options& engineio = {})
      : running_server(for_echo(options, engineio), only(make_echo_with(engineio))) {}

  /// A server around other engines, each with a loop of its own. Each can be recorded, and the
  /// server be prepared before it runs.
  running_server(host::server_options options, std::vector<std::unique_ptr<engine>> cores,
                 std::vector<std::unique_ptr<host::recorder>> recorders = {},
                 const std::function<void(host::server&)>& prepare = {}) {
    options.host = "127.0.0.1";
    options.port = 0;
    server_ = std::make_unique<host::server>(options, std::move(cores), log_);
    if (options.is_tls()) server_->use_certificate(test_certificate());
    for (std::size_t i = 0; i < recorders.size(); ++i) server_->record(i, std::move(recorders[i]));
    if (prepare) prepare(*server_);
    thread_ = std::thread([this] { server_->run(); });
  }
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;
  ~running_server() { stop(); }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] host::server& server() { return *server_; }

  /// Returns when the server has closed all connections.
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

  /// Only asks the server to stop.
  void begin_stop() { server_->stop(); }

 private:
  static host::server_options for_echo(host::server_options options,
                                       const engineio::options& engineio) {
    options.max_payload_bytes = engineio.max_payload_bytes;
    return options;
  }
  static std::vector<std::unique_ptr<engine>> only(std::unique_ptr<engine> core) {
    std::vector<std::unique_ptr<engine>> cores;
    cores.push_back(std::move(core));
    return cores;
  }

  host::logger log_{host::log_level::off, host::log_format::text};
  std::unique_ptr<host::server> server_;
  std::thread thread_;
};

}  // namespace downbeat::test
