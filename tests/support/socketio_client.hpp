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

/// How a client reaches the server.
enum class carrier {
  websocket,
  polling,
  upgrade,  ///< the first CONNECT over polling, and everything after it on a WebSocket
};

inline constexpr std::initializer_list<carrier> all_carriers = {carrier::websocket,
                                                                carrier::polling, carrier::upgrade};

std::ostream& operator<<(std::ostream& out, carrier which);

/// A Socket.IO client in a story. Whatever carries it, it says and hears the same.
///
/// What it hears is told packet by packet as it is on a WebSocket, such as `42["note",64]`, an
/// attachment as `<binary 01ff>`, and the end of the connection as `<closed>`. It keeps a GET
/// pending while it polls, and answers pings, whenever it looks at what has come.
class socketio_client {
 public:
  explicit socketio_client(wire& line, carrier by = carrier::websocket,
                           std::string_view query = {});

  // What it does.

  /// Connects to a namespace, which must be answered so; learns its id there.
  socketio_client& connect(std::string_view nsp = "/", std::string_view auth = {});
  /// Sends one packet, such as `42["note",64]`, with its attachments in the same payload.
  void send(std::string_view packet, const std::vector<std::string>& attachments = {});
  void send_binary(std::string_view bytes);
  /// Emits an event in the main namespace; `arguments` is JSON, without the brackets.
  void emit(std::string_view event, std::string_view arguments = {});
  /// The same, and asks for an acknowledgement: 0, then 1, and so on.
  std::uint64_t emit_with_ack(std::string_view event, std::string_view arguments = {});
  /// Moves from polling to a WebSocket.
  void upgrade();
  /// Closes its transport, or loses it, without a word to Socket.IO.
  void vanish();

  // What it saw.

  /// All that came since it last looked.
  transcript messages();
  /// The last of `messages`, or an empty text.
  std::string last_message();
  /// Its public id in the namespace that it connected to last.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// Its private Engine.IO session id.
  [[nodiscard]] const std::string& sid() const { return sid_; }
  [[nodiscard]] bool is_open();

 private:
  /// Takes in what the server has sent so far.
  void look();
  void look_at_websocket();
  bool look_at_poll();
  void take(std::string_view packet);
  void send_engine_packet(std::string_view packet);
  [[nodiscard]] std::string polling_query() const;

  wire& line_;
  carrier by_;
  std::string sid_;
  std::string id_;
  std::optional<transport_id> websocket_;
  std::optional<request_id> poll_;
  bool is_open_ = true;
  std::uint64_t next_ack_id_ = 0;
  transcript heard_;
};

}  // namespace downbeat::test
