#pragma once

#include "json/text.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::conformance {

/// Arguments with the attachments that they name, behind the name of an event unless it is empty.
socketio::payload with_name(std::string_view name, std::string_view arguments,
                            const std::vector<frame>& attachments);

/// Answers a fixed set of events, so that a client can try everything that Socket.IO does. What a
/// client sends goes out again character for character.
class socketio_application : public socketio::application {
 public:
  explicit socketio_application(socketio::server& server) : server_(server) {}

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override;
  void connected(instant_ms now, const socketio::socket& socket,
                 const socketio::connect_request& request) override;
  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override;
  void acknowledged(const socketio::socket& socket, std::uint64_t ack_id,
                    const socketio::message& answer) override;
  void disconnected(instant_ms now, const socketio::socket& socket,
                    std::string_view reason) override;

  void measure(instant_ms, std::vector<measurement>&) const override {}

 protected:
  // How events and rooms are handled. Recovery does it in another way.

  virtual void emit(const socketio::socket& to, socketio::payload event);
  /// Emits to a room, or to everyone in the namespace; to the sender only if `to_sender`.
  virtual void broadcast(const socketio::socket& from, const std::optional<std::string>& room,
                         bool to_sender, socketio::payload event);
  virtual void join(const socketio::socket& socket, const std::string& room);
  virtual void leave(const socketio::socket& socket, const std::string& room);

  /// Acknowledges an event if the client has asked for that.
  void acknowledge(const socketio::socket& socket, const socketio::message& event,
                   const socketio::payload& reply);

  [[nodiscard]] socketio::server& server() { return server_; }

 private:
  socketio::server& server_;
  /// What the event `handshake` is answered with.
  std::unordered_map<socketio::socket_number, std::string> handshakes_;
};

}  // namespace downbeat::conformance
