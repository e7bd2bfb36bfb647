#pragma once

#include "engine.hpp"
#include "log/logger.hpp"
#include "server/recorder.hpp"
#include "server/server_options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// A server on real sockets, around any engine: one thread, one loop. Or around several engines,
/// the shards of one server: each with a loop and a thread of its own.
///
///     host::logger log(log_level::info, log_format::text);
///     host::server server(options, std::move(engine), log);   // is bound when this returns
///     server.obey_signals(reload);
///     server.run();                                           // until stop
class server {
 public:
  /// Binds the port. Throws std::runtime_error, with one line for the operator, if it cannot.
  server(server_options options, std::unique_ptr<engine> core, logger& log);
  server(server_options options, std::vector<std::unique_ptr<engine>> cores, logger& log);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// From now on, everything that the core is told and orders goes to a recorder. Call it before
  /// `run`, so that the recording can be replayed; there must be one core only.
  void record(std::unique_ptr<recorder> to);

  /// The port that is bound, also when the options left the choice open.
  [[nodiscard]] std::uint16_t port() const;

  /// SIGTERM and SIGINT stop the server, a second one ends the process at once. On SIGHUP, `reload`
  /// is called.
  void obey_signals(std::function<void()> reload);

  /// Takes over the limits of these options, and for the engine these settings. What else has
  /// changed in the options is not looked at.
  void change_limits(const server_options& to, std::string_view engine_settings);

  /// Serves until it is stopped, and has taken leave of its peers.
  void run();

  /// Takes leave of all peers and ends `run`. May be called from any thread.
  void stop();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace downbeat::host
