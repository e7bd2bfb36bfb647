#pragma once

#include "http/origin.hpp"
#include "http/response.hpp"
#include "output.hpp"
#include "server/admission.hpp"
#include "server/connection.hpp"
#include "server/connection_table.hpp"
#include "server/counters.hpp"
#include "server/driver.hpp"
#include "server/figures.hpp"
#include "server/outbox.hpp"
#include "server/server_options.hpp"
#include "server/site.hpp"
#include "server/websocket_sessions.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// The connections that speak HTTP: requests for Engine.IO go to the core, others to the site.
///
/// A connection reads one request at a time. The next one, if its bytes are here already, waits
/// until the present one has been read to its end and answered.
class http_sessions {
 public:
  /// Gets the figures of the whole server for a request that asks for them, now or later.
  using gatherer = std::function<void(std::function<void(const figures&)> done)>;

  http_sessions(const server_options& options, connection_table& connections, driver& core,
                outbox& out, counters& count, const site& pages, websocket_sessions& websockets,
                gatherer gather, admission& door);

  /// A peer connected.
  void begin(connection& c, std::string remote_address);

  /// Bytes arrived.
  void on_bytes(connection& c, std::string_view bytes);

  /// A connection came here from another loop with a request that could not be answered there.
  void on_forwarded(connection& c);

  /// The deadline of a connection came; it had time enough.
  void on_deadline(connection& c);

  /// Goes on with the requests that had to wait for an answer. Returns whether there was one.
  bool resume();

  // Orders of the core.

  void accept_websocket(connection& c);
  void refuse_websocket(connection& c, output::refuse_websocket order);
  void respond(connection& c, output::respond order);

 private:
  void advance(connection& c);
  void on_head(connection& c);
  void begin_body(connection& c, const request& asked);
  void on_operator_head(connection& c, const request& asked);
  void on_engineio_head(connection& c, const request& asked);
  void on_websocket_head(connection& c, const request& asked);
  void on_body_bytes(connection& c);
  void on_done(connection& c);
  void answer(connection& c, const response& what);
  void fail(connection& c, int status);
  [[nodiscard]] request_head head_of(const connection& c, const request& asked,
                                     bool is_forwarded = false) const;
  /// Whether the client behind a proxy may have this connection.
  bool is_welcome(connection& c, const request& asked);

  const server_options& options_;
  connection_table& connections_;
  driver& core_;
  outbox& out_;
  counters& count_;
  const site& pages_;
  websocket_sessions& websockets_;
  gatherer gather_;
  admission& door_;
  origin_policy origins_;
  std::vector<connection_key> waiting_;
};

}  // namespace downbeat::host
