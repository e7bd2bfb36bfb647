#pragma once

#include "json/text.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"

#include <string>
#include <unordered_map>

namespace downbeat::conformance {

/// Answers a fixed set of events, so that a client can try everything that Socket.IO does. What a
/// client sends goes out again character for character.
class socketio_application final : public socketio::application {
 public:
  explicit socketio_application(socketio::server& server) : server_(server) {}

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override;
  void connected(const socketio::socket& socket, const socketio::connect_request& request) override;
  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override;
  void acknowledged(const socketio::socket& socket, std::uint64_t ack_id,
                    const socketio::message& answer) override;
  void disconnected(const socketio::socket& socket, std::string_view reason) override;

  void measure(std::vector<measurement>&) const override {}

 private:
  void answer(const socketio::socket& socket, const socketio::message& event,
              const socketio::payload& reply);

  socketio::server& server_;
  /// What the event `handshake` is answered with.
  std::unordered_map<socketio::socket_number, std::string> handshakes_;
};

}  // namespace downbeat::conformance
