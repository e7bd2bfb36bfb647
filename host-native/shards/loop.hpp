#pragma once

#include "connection/connection.hpp"
#include "connection/connection_limiter.hpp"
#include "connection/connection_table.hpp"
#include "connection/http_sessions.hpp"
#include "connection/outbox.hpp"
#include "connection/websocket_sessions.hpp"
#include "driver/driver.hpp"
#include "driver/recorder.hpp"
#include "engine.hpp"
#include "io/event_loop.hpp"
#include "journal/journal_writer.hpp"
#include "log/logger.hpp"
#include "operator/counters.hpp"
#include "operator/handshake_log.hpp"
#include "operator/metrics_snapshot.hpp"
#include "options/server_options.hpp"
#include "output.hpp"
#include "redis/relay_link.hpp"
#include "shard.hpp"
#include "shard_routing.hpp"
#include "shards/loop_message.hpp"
#include "web/http_router.hpp"
#include "web/web_root.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::host {

/// One event loop: an engine and its connections. Several loops are the shards of one server; each
/// has a thread of its own. They share only thread-safe objects: log, connection limiter, web root.
class loop final : private event_loop::client {
 public:
  /// What the loop calls in its server.
  struct hooks {
    http_router::operator_endpoints operator_pages;    ///< the answers of /healthz and /metrics
    http_sessions::metrics_collector collect_metrics;  ///< from all loops
    std::function<void()> turn_ended;                  ///< called at the end of each iteration
    /// Sends messages to another loop; they arrive in the order of the calls.
    std::function<void(shard_index to, std::vector<loop_message> messages)> send;
    /// The engine has answered an operator's query or command.
    std::function<void(std::uint64_t id, std::string json)> answered;
    event_loop::clock::time_point origin;  ///< time zero of the engines
    const web_root* files;                 ///< the web root; nullptr if there is none
    origin_log& refusals;                  ///< logs refused origins
    handshake_log& handshakes;             ///< logs failed handshakes of TLS
  };

  loop(const server_options& options, std::unique_ptr<engine> core, logger& log,
       connection_limiter& limiter, hooks to_server);
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  [[nodiscard]] event_loop& events() { return events_; }
  [[nodiscard]] instant_ms now() const { return core_.now(); }

  void record(std::unique_ptr<recorder> to) { core_.record(std::move(to)); }

  /// Starts to serve a connection that the connection limiter has counted.
  void serve(byte_stream stream, std::string remote_address);

  /// Runs until `stop` is called.
  void run() { events_.run(*this); }
  void stop() { events_.stop(); }
  /// The same, when everything that was posted before has been handled. Thread-safe.
  void stop_soon();

  // The journal, if sessions are kept.

  /// With the number of the last update that the engine has handled.
  using append_queue = std::function<void(std::vector<output::append> what, std::uint64_t seen)>;

  /// Appends go there, at the end of each iteration.
  void keep_in(append_queue appends) { append_ = std::move(appends); }
  /// Gives the engine a room of an earlier process, and says when there are no more. Call these
  /// before `run`.
  void restore(std::string_view snapshot) { core_.handle(input::room_restored{snapshot}); }
  void finish_restore();
  /// What has become of appends, and what other nodes have done.
  void hear(journal_updates what);
  void hear(const journal_update& what);

  /// Messages for other nodes go there. Call it before `run`.
  void relay_through(std::unique_ptr<relay_link> link) { relay_ = std::move(link); }
  /// Messages of another node have arrived.
  void relayed(node_id from, std::span<const std::string_view> messages);

  /// Messages from another loop have arrived.
  void receive(shard_index from, std::vector<loop_message> messages);

  /// Notifies the clients that the server will shut down within this time.
  void drain(std::int64_t within_ms);
  /// Applies changed limits to the connections, and settings to the engine.
  void change_limits(const server_options& to, std::string_view engine_settings);
  /// Closes all connections in order. A client has at most this long to agree.
  void shut_down(instant_ms longest_close_ms);

  // A query or a command of an operator. The hook `answered` gets the answer.

  void query(std::uint64_t id, std::string_view json);
  void operate(std::uint64_t id, std::string_view json);

  // Metrics.

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] metrics_snapshot measure() const;
  /// How many connections have been closed since the last call.
  std::size_t take_closed() { return connections_.take_closed(); }

 private:
  void on_ready(std::uint64_t key, event_loop::wait_type what,
                const boost::system::error_code& error) override;
  void end_turn() override;

  void on_readable(connection& c);
  void on_writable(connection& c);
  bool receive_some(connection& c);
  void finish_tls_read(connection& c, bool is_more);
  void on_failed_read(connection& c);
  void on_plain_http(connection& c);
  void read_pending();
  void on_end_of_input(connection& c);
  void on_bytes(connection& c, std::span<char> bytes);
  void carry_out(output::any output);

  // In migration.cpp:
  void queue_message(shard_index to, output::any output);
  void flush_messages();
  void flush_appends();
  void hear_some();
  loop_message message_of(output::any& output);
  connection* find(routing::peer_kind kind, std::uint64_t number);
  connection_table::detached_connection detach(connection* c);
  connection& attach(connection_table::detached_connection detached);
  void on_message(shard_index from, loop_message& what);
  void attach_migration(migrating_session& moved);
  void shut_down_connection(connection& c);

  void sweep();
  void arm_sweep();
  [[nodiscard]] instant_ms max_sweep_interval_ms() const;

  server_options options_;  ///< a copy: limits may change
  logger& log_;
  connection_limiter& limiter_;
  hooks hooks_;
  event_loop events_;
  counters counters_;
  connection_table connections_;
  driver core_;
  outbox out_;
  http_router router_;
  websocket_sessions websockets_;
  http_sessions http_;
  timer sweep_timer_;
  timer next_turn_;
  std::vector<char> buffer_;
  std::vector<std::pair<shard_index, output::any>>
      queued_messages_;  ///< outputs to send at the end of the iteration
  append_queue append_;
  std::vector<output::append> queued_appends_;  ///< to queue at the end of the iteration
  std::unique_ptr<relay_link> relay_;           ///< nullptr if there are no other nodes
  std::deque<journal_updates> unheard_;
  std::size_t next_unheard_ = 0;  ///< of the first of them
  std::uint64_t heard_ = 0;       ///< number of the journal's last update
  bool is_shutting_down_ = false;
};

}  // namespace downbeat::host
