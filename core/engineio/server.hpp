#pragma once

#include "deadlines.hpp"
#include "engineio/application.hpp"
#include "engineio/connection.hpp"
#include "engineio/options.hpp"
#include "engineio/packet.hpp"
#include "engineio/refusal.hpp"
#include "frame.hpp"
#include "id_map.hpp"
#include "input.hpp"
#include "limit_counts.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "text/query.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace downbeat::engineio {

/// Engine.IO v4 for all connections of one host.
///
/// Theory of operation. A connection is opened by a handshake, on polling or on a WebSocket; one
/// opened on polling may move to a WebSocket. Whatever arrives is decoded into packets, wherever
/// it came from, and handled by one function. What is sent goes out at once on a WebSocket; on
/// polling it is gathered and answers the pending GET at the end of the step.
///
/// Two rules keep it simple:
/// 1. `close` only marks a connection and gives the last orders to its transports. The
///    application is told, and the connection forgotten, in `settle` at the end of the step, so
///    that nothing disappears while it is in use.
/// 2. Deadlines fire only when the host says that time has come. A pong that arrives late, because
///    the host was asleep, is thus heard before its lateness is judged.
class server {
 public:
  server(const options& options, output_queue& outputs, shard here = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// What rides on this server; set once, before the first fact.
  void attach(application& application) { application_ = &application; }

  // Facts. Each is followed by `settle`.

  void handle(instant_ms now, const input::websocket_requested& fact);
  void handle(instant_ms now, const input::frame_received& fact);
  void handle(instant_ms now, const input::frame_too_large& fact);
  void handle(instant_ms now, const input::transport_closed& fact);
  void handle(instant_ms now, const input::request_received& fact);
  void handle(instant_ms now, const input::body_received& fact);
  void handle(instant_ms now, const input::body_too_large& fact);
  void handle(instant_ms now, const input::request_aborted& fact);
  void handle(instant_ms now, const input::deadline_reached& fact);
  void handle(instant_ms now, const input::drain_requested& fact);
  void handle(instant_ms now, const input::shutdown_requested& fact);
  void handle(instant_ms now, const input::shard_told& fact);
  void handle(instant_ms now, const input::connection_moved_in& fact);
  /// What changes is for the application to say.
  void handle(instant_ms, const input::options_changed&) {}

  /// Ends a step: tells the application of every connection that closed in it, and answers the
  /// GETs for which there is something to say.
  void settle(instant_ms now);

  // Commands of the application.

  /// Sends one message: text from `encode_message`, or binary. Does nothing once it is closed.
  void send(connection_id to, const frame& message);

  /// What may wait for a client on polling, and for all of them, from now on.
  void limit_queues(std::int64_t by_client, std::int64_t in_all) {
    options_.max_queued_bytes = by_client;
    options_.max_queued_bytes_in_all = in_all;
  }

  /// Closes a connection. What was sent before still arrives.
  void close(connection_id which);

  /// Moves a connection to another shard at the end of the step, unless it is closed until then.
  void move(connection_id which, shard_index to);

  // Getters.

  [[nodiscard]] std::optional<instant_ms> next_deadline() const { return deadlines_.next(); }
  [[nodiscard]] std::string_view remote_address_of(connection_id which) const;
  void measure(std::vector<measurement>& into) const;
  /// All connections as a JSON array, in the order of their handshakes. Session ids are left out.
  [[nodiscard]] std::string snapshot() const;

 private:
  enum class deadline_kind { heartbeat, upgrade, upgrade_flush, linger };
  using deadline_key = std::pair<connection_id, deadline_kind>;

  // handshake.cpp
  std::optional<refusal> verify(const query_parameters& query, const request_head& head,
                                http_method method, bool is_websocket) const;
  connection& open(instant_ms now, const request_head& head, const entropy& fresh);
  frame open_packet(const connection& c) const;
  void refuse(request_id request, refusal why);

  // polling.cpp
  void on_poll(connection& c, request_id request);
  void on_post(connection& c, request_id request, std::string_view content_type);
  void drop_post(connection& c);
  void queue_for_poll(connection& c, const frame& packet);
  void flush_poll(connection& c);
  std::vector<frame> take_outbox(connection& c);
  /// Closes those for whom the most waits, until all that waits has room.
  void shed_slow_readers();
  void drop_slow_reader(connection& c);
  /// Gives a closed connection's GET its last words; returns whether all has been said.
  bool say_farewell(connection& c);
  void answer(request_id request, int status, std::string_view content_type, std::string body);
  void answer_poll(connection& c, std::string payload);

  // upgrade.cpp
  void begin_upgrade(instant_ms now, connection& c, transport_id transport,
                     const query_parameters& query);
  void on_upgrade_frame(instant_ms now, connection& c, const input::frame_received& fact);
  void finish_upgrade(connection& c);
  void end_upgrade(connection& c);
  void fail_upgrade(connection& c, close_code code);

  // shards.cpp
  /// Where to forward a request to, if its session is not here but may be there.
  [[nodiscard]] std::optional<shard_index> elsewhere(const query_parameters& query,
                                                     const request_head& head) const;
  void move_out(connection& c, shard_index to);
  void end_trail(const connection& c);

  // server.cpp
  void on_packet(instant_ms now, connection& c, const packet& packet);
  void on_deadline(instant_ms now, connection& c, deadline_kind kind);
  void close(connection& c, close_reason reason, close_code code = close_code::no_status);
  void report_error(const connection& c, std::string_view what);
  void rest_until_ping(instant_ms now, connection& c);
  void expect_pong(instant_ms now, connection& c, heartbeat beat);
  void set_deadline(connection& c, deadline_kind kind, instant_ms at);
  void clear_deadline(connection& c, deadline_kind kind);
  static std::optional<instant_ms>& slot_of(connection& c, deadline_kind kind);
  void transmit(connection& c, const frame& packet);
  void close_transport(transport_id transport, close_code code);
  void forget(connection& c);

  connection* find(connection_id id) const;
  connection* find_transport(transport_id transport) const;
  connection* find_request(request_id request) const;

  options options_;
  output_queue& outputs_;
  shard here_;
  application* application_ = nullptr;
  bool is_draining_ = false;  ///< new connections are refused
  bool is_shutting_down_ = false;

  std::uint64_t handshakes_ = 0;
  std::uint64_t upgrades_ = 0;
  std::uint64_t refusals_ = 0;
  std::uint64_t departures_ = 0;
  std::uint64_t on_websocket_ = 0;
  std::int64_t queued_bytes_ = 0;  ///< of all on polling
  limit_counts limited_{"payload_bytes", "upgrade_time", "polling_queued_bytes",
                        "polling_queued_bytes_in_all"};

  id_map<std::unique_ptr<connection>> connections_;
  std::unordered_map<std::string_view, connection*> by_sid_;
  id_map<connection*> by_transport_;
  id_map<connection*> by_request_;
  deadlines<deadline_key> deadlines_;

  std::vector<connection_id> closed_in_step_;
  std::vector<connection_id> polls_to_flush_;
  std::vector<std::pair<connection_id, shard_index>> moving_in_step_;

  /// Where the connections went that were here once.
  std::unordered_map<std::string, shard_index> departed_;
  /// The shards that know of a connection that is here where it went.
  std::unordered_map<connection_id, std::vector<shard_index>> trails_;
};

}  // namespace downbeat::engineio
