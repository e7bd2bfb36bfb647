#pragma once

#include "support/wire.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {

/// How a client is connected.
enum class transport_kind {
  websocket,
  polling,
  upgrade,  ///< the first CONNECT over polling, everything after it on a WebSocket
};

inline constexpr std::initializer_list<transport_kind> all_transports = {
    transport_kind::websocket, transport_kind::polling, transport_kind::upgrade};

std::ostream& operator<<(std::ostream& out, transport_kind which);

/// A Socket.IO client for tests. It sends and receives the same over each transport.
///
/// What it receives is shown packet by packet as it is on a WebSocket, such as `42["note",64]`, an
/// attachment as `<binary 01ff>`, and the end of the connection as `<closed>`. It keeps a GET
/// pending while it polls, and answers pings, whenever it looks at what has arrived.
class socketio_client {
 public:
  explicit socketio_client(wire& line, transport_kind by = transport_kind::websocket,
                           std::string_view query = {});

  // Actions.

  /// Connects to a namespace, which must accept it, and stores its id there.
  socketio_client& connect(std::string_view nsp = "/", std::string_view auth = {});
  /// Sends one packet, such as `42["note",64]`, with its attachments in the same payload.
  void send(std::string_view packet, const std::vector<std::string>& attachments = {});
  void send_binary(std::string_view bytes);
  /// Sends one Engine.IO packet, such as the close packet `1`.
  void send_engine(std::string_view packet) { send_engine_packet(packet); }
  /// Emits an event in the main namespace; `arguments` is JSON, without the brackets.
  void emit(std::string_view event, std::string_view arguments = {});
  /// The same, and asks for an acknowledgement: 0, then 1, and so on.
  std::uint64_t emit_with_ack(std::string_view event, std::string_view arguments = {});
  /// Moves from polling to a WebSocket.
  void upgrade();
  /// Closes or loses its transport, without a Socket.IO packet.
  void vanish();

  // What it received.

  /// Everything received since the last call.
  transcript messages();
  /// The last of `messages`, or an empty text.
  std::string last_message();
  /// Its public id in the namespace that it connected to last.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// The private id by which it recovers its socket; empty if the server gave it none.
  [[nodiscard]] const std::string& pid() const { return pid_; }
  /// Its private Engine.IO session id.
  [[nodiscard]] const std::string& sid() const { return sid_; }
  [[nodiscard]] bool is_open();

 private:
  /// Handles what the server has sent so far.
  void look();
  void look_at_websocket();
  bool look_at_poll();
  void take(std::string_view packet);
  void send_engine_packet(std::string_view packet);
  [[nodiscard]] std::string polling_query() const;

  wire& line_;
  transport_kind by_;
  std::string sid_;
  std::string id_;
  std::string pid_;
  std::optional<transport_id> websocket_;
  std::optional<request_id> poll_;
  bool is_open_ = true;
  std::uint64_t next_ack_id_ = 0;
  transcript heard_;
};

}  // namespace downbeat::test
