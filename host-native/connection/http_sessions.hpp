#pragma once

#include "connection/connection.hpp"
#include "connection/connection_limiter.hpp"
#include "connection/connection_table.hpp"
#include "connection/outbox.hpp"
#include "connection/websocket_sessions.hpp"
#include "driver/driver.hpp"
#include "driver/entropy_source.hpp"
#include "http/origin.hpp"
#include "http/response.hpp"
#include "log/logger.hpp"
#include "operator/counters.hpp"
#include "operator/metrics_snapshot.hpp"
#include "operator/origin_log.hpp"
#include "options/server_options.hpp"
#include "output.hpp"
#include "web/http_router.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// The connections that speak HTTP (RFC 9112). Engine.IO requests go to the core, all others to the
/// router.
///
/// A connection handles one request at a time. A pipelined request waits until the one before it
/// has been read and answered; the host reads no further meanwhile.
class http_sessions {
 public:
  /// Collects the metrics of all loops and passes them to the given function, during the call or
  /// later.
  using metrics_collector = std::function<void(std::function<void(const metrics_snapshot&)> done)>;

  http_sessions(const server_options& options, connection_table& connections, driver& core,
                outbox& out, counters& count, const http_router& router,
                websocket_sessions& websockets, metrics_collector collect_metrics,
                connection_limiter& limiter, origin_log& refusals, logger& log);

  /// A client has connected.
  void begin(connection& c, std::string remote_address);

  /// Bytes have been received.
  void on_bytes(connection& c, std::string_view bytes);

  /// The client has shut down sending. It may still read.
  void on_end_of_input(connection& c);

  /// Queued bytes have been written.
  void on_drained(connection& c);

  /// A connection came from another loop, with a request that only this loop can answer.
  void on_forwarded(connection& c);

  /// The client speaks plain HTTP, and the server TLS: tells it so, and closes.
  void refuse_plain_http(connection& c);

  /// The deadline of a connection has passed.
  void on_deadline(connection& c);

  /// Continues with pipelined requests that had to wait. Returns whether there were any.
  bool resume();
  [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }

  // Outputs of the core.

  /// Completes a WebSocket handshake (RFC 6455, 4.2.2).
  void accept_websocket(connection& c);

  /// Answers a WebSocket handshake with an error response.
  void refuse_websocket(connection& c, output::refuse_websocket what);

  /// Queues the response to the current request.
  void respond(connection& c, output::respond what);

 private:
  void advance(connection& c);
  bool begin_request(connection& c);
  void update_reading(connection& c);
  void resume_later(const connection& c);
  void on_head(connection& c);
  void begin_body(connection& c);
  void on_operator_head(connection& c, const request& asked);
  void on_engineio_head(connection& c, const request& asked);
  void on_websocket_head(connection& c, const request& asked, bool is_allowed);
  void on_body_bytes(connection& c);
  void on_done(connection& c);
  request_id owe_answer(connection& c);
  void answer(connection& c, const response& what);
  void on_refused(connection& c, int status);
  void fail(connection& c, int status);
  void refuse_without_entropy(connection& c, const no_entropy& error);
  void refuse_origin(connection& c, std::string_view origin);
  void report_refused_origin(const connection& c, std::string_view origin);
  [[nodiscard]] request_head head_of(const connection& c, const request& asked,
                                     bool is_forwarded = false) const;
  /// Identifies the client behind a proxy (X-Forwarded-For) and counts the connection for it.
  /// Returns false if that client has too many connections.
  bool assign_client(connection& c, const request& asked);

  const server_options& options_;
  connection_table& connections_;
  driver& core_;
  outbox& out_;
  counters& counters_;
  const http_router& router_;
  websocket_sessions& websockets_;
  metrics_collector collect_metrics_;
  connection_limiter& limiter_;
  origin_log& refusals_;
  logger& log_;
  origin_policy origins_;
  std::vector<connection_key> waiting_;
  /// The HTTP data of a connection that has just become a WebSocket, until the bytes after the
  /// handshake are read.
  std::unique_ptr<http_exchange> accepted_;
  instant_ms next_log_at_ = 0;  ///< when the next `no entropy` line may be logged
};

}  // namespace downbeat::host
