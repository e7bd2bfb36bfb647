#pragma once

#include "frame.hpp"
#include "output.hpp"
#include "server/connection.hpp"
#include "server/counters.hpp"
#include "server/driver.hpp"
#include "server/outbox.hpp"
#include "server/server_options.hpp"

#include <span>

namespace downbeat::host {

/// The connections that have become WebSockets: RFC 6455 between the sockets and the core.
class websocket_sessions {
 public:
  websocket_sessions(const server_options& options, driver& core, outbox& out, counters& count)
      : options_(options), core_(core), out_(out), count_(count) {}

  /// Bytes arrived.
  void on_bytes(connection& c, std::span<char> bytes);

  // Orders of the core.

  void accept(connection& c, std::string_view websocket_key);
  void send(connection& c, const frame& data);
  void close(connection& c, close_code code);

 private:
  void on_message(connection& c, const frame_event& event);
  void on_close(connection& c, std::uint16_t code);
  void fail(connection& c, std::uint16_t code);
  void forget_at_core(connection& c);

  const server_options& options_;
  driver& core_;
  outbox& out_;
  counters& count_;
};

}  // namespace downbeat::host
