#pragma once

#include "driver/recorder.hpp"
#include "engine.hpp"
#include "journal/journal_writer.hpp"
#include "log/logger.hpp"
#include "node.hpp"
#include "options/server_options.hpp"
#include "redis/redis_address.hpp"
#include "tls/context.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// A server on real sockets around any engine, with one thread and one loop; or around several
/// engines, the shards of one server, each with a loop and a thread of its own.
///
///     host::logger log(log_level::info, log_format::text);
///     host::server server(options, std::move(engine), log);   // is bound when this returns
///     server.obey_signals(reload);
///     server.run();                                           // until stop
class server {
 public:
  /// Binds the port. Throws std::runtime_error with one line for the operator if that fails.
  server(server_options options, std::unique_ptr<engine> core, logger& log);
  server(server_options options, std::vector<std::unique_ptr<engine>> cores, logger& log);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Records all inputs and outputs of the engine with this index from now on. Call it before
  /// `run`, so that the recording can be replayed.
  void record(std::size_t which, std::unique_ptr<recorder> to);

  /// From now on, new connections speak TLS with this certificate. The options must name one. Call
  /// it before `run`, or in the functions given to `obey_signals`.
  void use_certificate(std::shared_ptr<tls_context> certificate);

  /// From now on sessions are kept in this journal, and those that it has are restored. The engines
  /// must have been made for a journal of the host. If there is a folder for it, the journal is
  /// asked through a `control_socket` there. Call it once, after `record` and before `run`. If
  /// another process takes the journal, `run` ends with unusable_journal. Throws unusable_journal.
  void use_journal(std::unique_ptr<journal_writer> journal, const std::string& control_folder);
  /// How many sessions were restored.
  [[nodiscard]] std::size_t restored_sessions() const;

  /// From now on there may be other nodes, and messages for them go through this Redis. `self` is
  /// this one. Call it once, before `run`.
  void use_relay(const redis_address& where, node_id self);

  /// The bound port, also if the options said 0.
  [[nodiscard]] std::uint16_t port() const;

  /// SIGTERM and SIGINT stop the server; a second one ends the process at once. SIGHUP calls
  /// `reload`. `stopping` is called when the server begins to stop.
  void obey_signals(std::function<void()> reload, std::function<void()> stopping = {});

  /// Applies the limits of these options, and these settings to the engines. Ignores all other
  /// changes in the options.
  void change_limits(const server_options& to, std::string_view engine_settings);

  // A query or a command of an operator for the engine, as JSON; see operations/request.hpp.
  // Thread-safe. `done` gets the answer in the first loop's thread while `run` runs (or once it
  // does).

  void query(std::string json, std::function<void(std::string answer)> done);
  void operate(std::string json, std::function<void(std::string answer)> done);

  /// Serves until the server is stopped and all connections are closed. If an event loop fails,
  /// logs that, closes the connections of the others, and throws the error again.
  void run();

  /// Closes all connections in order and ends `run`. Thread-safe.
  void stop();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace downbeat::host
