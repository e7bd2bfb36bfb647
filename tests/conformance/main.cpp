// A Socket.IO server for tests that speak Engine.IO and Socket.IO byte by byte.

#include "engine.hpp"
#include "engine_echo.hpp"
#include "log/logger.hpp"
#include "options.hpp"
#include "recovery_application.hpp"
#include "server/server.hpp"
#include "socketio_application.hpp"
#include "stack/socketio_over_engineio.hpp"

#include <exception>
#include <iostream>
#include <memory>

namespace {

using namespace downbeat;

engine::application_factory application_for(const conformance::options& options) {
  if (options.mode == conformance::mode::engine) {
    return [](engineio::server& server, output_queue&) {
      return std::make_unique<conformance::engine_echo>(server);
    };
  }
  const auto recovery_ms = options.recovery_ms;
  return socketio_over_engineio(
      options.socketio,
      [recovery_ms](socketio::server& server,
                    output_queue&) -> std::unique_ptr<socketio::application> {
        if (!recovery_ms) return std::make_unique<conformance::socketio_application>(server);
        return std::make_unique<conformance::recovery_application>(server, *recovery_ms);
      });
}

host::server_options host_options(const conformance::options& options) {
  host::server_options host;
  host.host = "127.0.0.1";
  host.port = options.port;
  host.path = options.mode == conformance::mode::engine ? "/engine.io/" : "/socket.io/";
  host.cors_origins = {"*"};
  host.max_payload_bytes = options.engineio.max_payload_bytes;
  return host;
}

}  // namespace

int main(int count, char** arguments) try {
  const auto options = conformance::parse_options({arguments + 1, arguments + count});
  if (options.asks_for_help) {
    std::cout << conformance::help;
    return 0;
  }
  host::logger log(host::log_level::off, host::log_format::text);
  host::server server(host_options(options),
                      std::make_unique<engine>(options.engineio, application_for(options)), log);
  server.obey_signals([] {});
  std::cout << "conformance-server listening on http://127.0.0.1:" << server.port() << std::endl;
  server.run();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "conformance-server: " << error.what() << '\n';
  return 1;
}
