#pragma once

#include "base/deadlines.hpp"
#include "base/frame.hpp"
#include "base/id_map.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "base/wall_clock.hpp"
#include "engineio/application.hpp"
#include "engineio/connection.hpp"
#include "engineio/options.hpp"
#include "engineio/packet.hpp"
#include "engineio/refusal.hpp"
#include "input.hpp"
#include "migration.hpp"
#include "operations/request.hpp"
#include "output_queue.hpp"
#include "shard.hpp"
#include "telemetry/limit_counts.hpp"
#include "telemetry/retained.hpp"
#include "text/query.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace downbeat::engineio {

/// Engine.IO v4 for all connections of one engine.
///
/// A handshake opens a connection, on polling or on a WebSocket. A connection on polling may be
/// upgraded to a WebSocket. Everything that arrives is parsed into packets, which one function
/// handles for both transports. On a WebSocket packets are sent at once; on polling they are
/// collected and answer the pending GET at the end of the step.
///
/// Two rules:
/// - `close` only marks a connection and closes its transports. `settle` notifies the application
///   and removes the connection at the end of the step, so that no object disappears while it is
///   used.
/// - Deadlines are checked only on `deadline_reached`. If the host was asleep, a pong that is
///   waiting is handled before its deadline.
class server {
 public:
  server(const options& options, output_queue& outputs, shard here = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Sets the application, once, before the first input.
  void attach(application& application) { application_ = &application; }

  // Inputs. The engine calls `settle` after each of them.

  void handle(instant_ms now, const input::websocket_requested& input);
  void handle(instant_ms now, const input::frame_received& input);
  void handle(instant_ms now, const input::frame_too_large& input);
  void handle(instant_ms now, const input::transport_closed& input);
  void handle(instant_ms now, const input::request_received& input);
  void handle(instant_ms now, const input::body_received& input);
  void handle(instant_ms now, const input::body_too_large& input);
  void handle(instant_ms now, const input::request_aborted& input);
  void handle(instant_ms now, const input::deadline_reached& input);
  void handle(instant_ms now, const input::drain_requested& input);
  void handle(instant_ms now, const input::shutdown_requested& input);
  void handle(instant_ms now, const input::clock& input) { wall_.set(now, input.wall_ms); }
  void handle(instant_ms now, const input::connection_moved_in& input);
  /// The application applies the options and then calls `limit`.
  void handle(instant_ms, const input::options_changed&) {}
  void handle(instant_ms, const input::room_restored&) {}
  void handle(instant_ms, const input::restore_finished&) {}
  void handle(instant_ms, const input::append_answered&) {}
  /// From now on session ids begin with the name of this node and `_`, so that a load balancer
  /// finds the node of a polling client.
  void handle(instant_ms, const input::nodes_changed& input);
  void handle(instant_ms, const input::room_appended&) {}
  void handle(instant_ms, const input::room_replaced&) {}
  void handle(instant_ms, const input::relay_received&) {}
  // These are answered after all layers have seen what came.
  void handle(instant_ms, const input::operator_command&) {}
  void handle(instant_ms, const input::query&) {}
  /// The engine gives each layer its own messages.
  void handle(instant_ms, const input::shard_message_received&) {}
  void on_shard_message(std::string_view text);

  // Text from a trace, which is untrusted.

  [[nodiscard]] static bool can_read(std::string_view shard_message);
  /// Parses a connection's state that was read from a trace. Returns an error message, or nothing.
  [[nodiscard]] std::string take_written(migration& what) const;

  /// Ends a step: notifies the application of closed connections, and answers the GETs that have
  /// packets.
  void settle(instant_ms now);

  // Commands of the application.

  /// Sends one message: text from `encode_message`, or binary. Ignored if the connection is closed.
  void send(connection_id to, const frame& message);

  /// Limits that may change while clients are connected. A client above a lower limit is
  /// disconnected. The largest message only grows, because clients rely on the value in their
  /// handshake.
  struct limits {
    std::int64_t queued_bytes;
    std::int64_t queued_bytes_in_all;
    std::int64_t payload_bytes;
    std::int64_t messages_per_second;
  };
  void limit(const limits& to);

  /// Closes a connection after everything sent before.
  void close(connection_id which);

  /// Migrates a connection to another shard at the end of the step, if it is still open.
  void move(connection_id which, shard_index to);

  // Getters.

  [[nodiscard]] std::optional<instant_ms> next_deadline() const { return deadlines_.next(); }
  [[nodiscard]] std::string_view remote_address_of(connection_id which) const;
  /// The wall clock, see `engine::wall_now`.
  [[nodiscard]] std::optional<std::int64_t> wall_now(instant_ms now) const { return wall_.at(now); }
  /// A page of the list of connections, in the order of their handshakes.
  [[nodiscard]] std::string answer(const operations::query& what) const;
  void measure(std::vector<measurement>& into) const;
  // The bytes kept for clients, see `engine::retained_bytes`.
  [[nodiscard]] std::vector<retained> retained_bytes() const;
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit_in_all(
      std::int64_t connections) const;
  /// All connections as a JSON array, in the order of their handshakes. Session ids are left out.
  [[nodiscard]] std::string snapshot() const;

 private:
  void settle_once(instant_ms now);
  enum class deadline_kind { heartbeat, upgrade, upgrade_flush, linger, post };
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
  /// Removes the POST and the delayed rest of its body.
  request_id take_post(connection& c);
  void drop_post(connection& c);
  [[nodiscard]] rate pace_of_posts() const;
  /// Handles the packets of a body as far as the rate limit allows. Returns the rest, if there is
  /// one.
  std::optional<std::string_view> handle_packets(instant_ms now, connection& c,
                                                 std::string_view body);
  void defer_post(instant_ms now, connection& c, request_id request, std::string body,
                  std::size_t at);
  void resume_post(instant_ms now, connection& c);
  /// The whole body of a POST was handled.
  void end_post(connection& c, request_id request);
  void queue_for_poll(connection& c, const frame& packet);
  void flush_poll(connection& c);
  std::vector<frame> take_outbox(connection& c);
  /// Disconnects this client, or others, if more bytes are waiting than one or all may have.
  void drop_if_slow(connection& c);
  /// Disconnects the clients with the most waiting bytes, until the rest is within the limit.
  void shed_slow_readers();
  void drop_slow_reader(connection& c);
  /// Answers the waiting GET of a closed connection. Returns whether the client has got everything.
  bool send_close(connection& c);
  void answer(request_id request, int status, std::string_view content_type, std::string body);
  void answer_poll(connection& c, std::string payload);

  // upgrade.cpp
  void begin_upgrade(instant_ms now, connection& c, transport_id transport,
                     const query_parameters& query);
  void on_upgrade_frame(instant_ms now, connection& c, const input::frame_received& input);
  void finish_upgrade(connection& c);
  void clear_upgrade_deadlines(connection& c);
  void end_upgrade(connection& c);
  void fail_upgrade(connection& c, close_code code);

  // migration.cpp
  struct migrated_connection;
  /// The shard to forward a request to, if its connection is not here but may be there.
  [[nodiscard]] std::optional<shard_index> elsewhere(const query_parameters& query,
                                                     const request_head& head) const;
  void detach(instant_ms now, connection& c, shard_index to);
  void notify_visited_shards(const connection& c);
  [[nodiscard]] std::unique_ptr<migrated_state> read_migrated(std::string_view text) const;

  // server.cpp
  void on_packet(instant_ms now, connection& c, const packet& packet);
  void on_deadline(instant_ms now, connection& c, deadline_kind kind);
  /// Without a code its WebSocket is lost, and not to be closed.
  void close(connection& c, close_reason reason,
             std::optional<close_code> code = close_code::no_status);
  void report_error(const connection& c, std::string_view what);
  void rest_until_ping(instant_ms now, connection& c);
  void expect_pong(instant_ms now, connection& c, heartbeat beat);
  void set_deadline(connection& c, deadline_kind kind, instant_ms at);
  void clear_deadline(connection& c, deadline_kind kind);
  /// Where a deadline is written; null in a state that has none of the kind.
  static std::optional<instant_ms>* slot_of(connection& c, deadline_kind kind);
  /// A transition of the connection's machine; it must be one that its state allows.
  static void must(bool was_allowed);
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
  wall_clock wall_;
  bool is_draining_ = false;  ///< new connections are refused
  bool is_shutting_down_ = false;

  std::uint64_t handshakes_ = 0;
  std::uint64_t upgrades_ = 0;
  std::uint64_t refusals_ = 0;
  std::uint64_t migrations_ = 0;
  std::uint64_t on_websocket_ = 0;
  std::int64_t queued_bytes_ = 0;    ///< of all on polling
  std::int64_t deferred_bytes_ = 0;  ///< of all bodies that wait for their turn
  limit_counts limited_{"payload_bytes", "upgrade_time", "polling_queued_bytes",
                        "polling_queued_bytes_in_all", "polling_messages_per_second"};

  id_map<std::unique_ptr<connection>> connections_;
  std::string sid_prefix_;  ///< empty without several nodes
  std::unordered_map<std::string_view, connection*> by_sid_;
  id_map<connection*> by_transport_;
  id_map<connection*> by_request_;
  deadlines<deadline_key> deadlines_;

  std::vector<connection_id> closed_in_step_;
  std::vector<connection_id> polls_to_flush_;
  std::vector<std::pair<connection_id, shard_index>> moving_in_step_;

  /// Where the connections went that were here once, by session id.
  std::unordered_map<std::string, shard_index> forwarding_table_;
  /// The shards whose forwarding tables have an entry of a connection that is here.
  std::unordered_map<connection_id, std::vector<shard_index>> visited_shards_;
};

}  // namespace downbeat::engineio
