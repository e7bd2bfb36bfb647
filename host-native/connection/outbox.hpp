#pragma once

#include "base/frame.hpp"
#include "connection/connection.hpp"
#include "connection/connection_table.hpp"
#include "driver/driver.hpp"
#include "io/event_loop.hpp"
#include "log/logger.hpp"
#include "operator/counters.hpp"
#include "options/server_options.hpp"
#include "websocket/opcode.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat::host {

/// Everything that is sent to clients, and the ways to end a connection.
///
/// Bytes queued during a loop iteration are written at its end, with one system call for each
/// connection. Nothing here calls the core directly: lost connections are reported through
/// `driver::later`.
class outbox {
 public:
  outbox(const server_options& options, event_loop& events, connection_table& connections,
         driver& core, counters& count, logger& log);

  /// The string to append bytes for this client to.
  std::string& queue(connection& c);

  /// Sends these bytes after everything that is queued now, without copying them.
  void share(connection& c, std::shared_ptr<const std::string> bytes);

  /// Queues one WebSocket frame (RFC 6455, 5.2). A client whose queue exceeds its limit is
  /// disconnected.
  void send(connection& c, opcode code, std::string_view payload);
  void send(connection& c, const frame& message);

  /// Sends what is queued now, then ends the connection as `how` says.
  void flush_and_end(connection& c, ending how);
  /// Our close frame is queued: sends it and waits for the client's, up to the close timeout.
  void begin_close(connection& c);

  /// Reports to the core, later in this iteration, that the connection's WebSocket or request has
  /// ended. The caller then leaves the state in which the core knows it.
  void detach_from_core(connection& c);

  /// The connection is lost: reports that to the core, writes what can be written without waiting,
  /// and closes it.
  void drop(connection& c);

  /// Closes the connection with a TCP reset, so that the client sees an error.
  void reset(connection& c);

  /// Call for each closed connection: its queue no longer counts.
  void forget(const connection& c) { queued_bytes_ -= c.out.counted_bytes; }

  /// The bytes queued for all clients.
  [[nodiscard]] std::uint64_t queued_bytes() const { return queued_bytes_; }

  /// Writes everything that was queued during this loop iteration.
  void flush();

  /// Attaches the connection to the loop. If the system refuses, the connection is lost.
  void begin_wait(connection& c);
  /// Call when `connection::wanted` may have changed, or a wait has ended.
  void update_wait(connection& c);
  /// Begins the waits that connections need. For the end of a turn.
  void start_waits();

  /// The system cannot watch the connection's socket.
  void lose(connection& c, const boost::system::error_code& why);

  /// The stream has bytes that the system will not report: they are to be read in the next
  /// iteration.
  void read_later(const connection& c) { unread_.push_back(c.key); }
  [[nodiscard]] bool has_unread() const { return !unread_.empty(); }
  [[nodiscard]] std::vector<connection_key> take_unread() { return std::exchange(unread_, {}); }

  /// The client has shut down sending while its connection is being flushed.
  void on_end_of_input(connection& c);

  /// A socket that blocked can be written to again.
  void on_writable(connection& c);

  /// Shortens the close timeout while the server shuts down.
  void shorten_close_timeout(instant_ms longest_ms) { longest_close_timeout_ms_ = longest_ms; }

  /// The time by which a closing connection must be closed.
  [[nodiscard]] instant_ms close_deadline() const;

 private:
  void start_waits_of(connection& c);
  void write(connection& c);
  bool try_write(connection& c);
  void on_all_sent(connection& c);
  static void take_from_backlog(send_queue& out);
  void release(send_queue& out);
  bool has_place_for(connection& c, std::size_t payload_bytes);
  static void make_room(send_queue& out, std::string& in, std::size_t more);
  static void replace(send_queue& out, std::size_t size);
  void count_queued(connection& c);
  void disconnect_slow_reader(connection& c, std::string_view limit);
  [[nodiscard]] bool is_too_much_in_all() const;
  void disconnect_slow_readers();

  const server_options& options_;
  event_loop& events_;
  connection_table& connections_;
  driver& core_;
  counters& counters_;
  logger& log_;
  std::vector<connection_key> dirty_;
  std::vector<connection_key> to_wait_for_;
  std::vector<connection_key> unread_;  ///< see `read_later`
  std::vector<std::string> spare_;      ///< empty buffers, kept for reuse
  std::uint64_t queued_bytes_ = 0;      ///< for all connections
  instant_ms longest_close_timeout_ms_ = std::numeric_limits<instant_ms>::max();
  instant_ms next_log_at_ = 0;  ///< the next `connection lost` line
};

}  // namespace downbeat::host
