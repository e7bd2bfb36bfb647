#pragma once

#include "base/frame.hpp"
#include "connection/connection.hpp"
#include "connection/connection_table.hpp"
#include "connection/outbox.hpp"
#include "driver/driver.hpp"
#include "io/event_loop.hpp"
#include "operator/counters.hpp"
#include "options/server_options.hpp"
#include "output.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>

namespace downbeat::host {

/// The connections that have become WebSockets: RFC 6455 between the sockets and the core.
///
/// Each client has a message window, which is a rate limit on its frames (messages, fragments,
/// pings and pongs). When the window is used up, the host keeps the received bytes undecoded and
/// stops reading until the window has room again. The rest waits in the kernel's buffers and then
/// at the client. Nothing is lost.
class websocket_sessions {
 public:
  websocket_sessions(const server_options& options, event_loop& events,
                     connection_table& connections, driver& core, outbox& out, counters& count);

  /// Bytes have been received.
  void on_bytes(connection& c, std::span<char> bytes);

  /// A connection came from another loop, perhaps while it was paused.
  void on_attached(connection& c);

  // Outputs of the core.

  /// Sends the 101 response (RFC 6455, 4.2.2). Returns the HTTP state that the connection had.
  std::unique_ptr<http_exchange> accept(connection& c, const owed_handshake& asked);
  void send(connection& c, const frame& data);
  void close(connection& c, close_code code);

 private:
  static void keep_for_migration(connection& c, std::span<char> unread);
  void pause(connection& c, std::span<char> unread);
  void resume_some();
  void resume(connection& c);
  void arm();
  void on_message(connection& c, const frame_event& event);
  void on_too_large(connection& c);
  void end(connection& c, std::uint16_t code, ending how);

  const server_options& options_;
  event_loop& events_;
  connection_table& connections_;
  driver& core_;
  outbox& out_;
  counters& counters_;
  std::deque<connection_key> paused_;  ///< the first is resumed next
  timer window_timer_;
};

}  // namespace downbeat::host
