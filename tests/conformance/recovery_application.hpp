#pragma once

#include "session_adapter.hpp"
#include "socketio_application.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::conformance {

/// The same with Socket.IO's connection state recovery: a client that shows a `pid` and the offset
/// of the last event that it got has its id, rooms and data again, and all that it has missed.
class recovery_application final : public socketio_application {
 public:
  recovery_application(socketio::server& server, std::int64_t max_disconnection_ms)
      : socketio_application(server), max_disconnection_ms_(max_disconnection_ms) {}

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override;
  void connected(instant_ms now, const socketio::socket& socket,
                 const socketio::connect_request& request) override;
  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override;
  void disconnected(instant_ms now, const socketio::socket& socket,
                    std::string_view reason) override;
  bool lost(instant_ms now, const socketio::socket& socket, std::string_view reason) override;
  bool refuses_recovery(instant_ms now, const socketio::socket& socket,
                        const socketio::connect_request& request) override;
  void recovering(instant_ms now, const socketio::socket& socket,
                  const socketio::connect_request& request) override;
  void recovered(instant_ms now, const socketio::socket& socket,
                 const socketio::connect_request& request, bool was_connected) override;
  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return next_sweep_; }
  void deadline_reached(instant_ms now) override;

 protected:
  void emit(const socketio::socket& to, socketio::payload event) override;
  void broadcast(const socketio::socket& from, const std::optional<std::string>& room,
                 bool to_sender, socketio::payload event) override;
  void join(const socketio::socket& socket, const std::string& room) override;
  void leave(const socketio::socket& socket, const std::string& room) override;

 private:
  session_adapter& adapter_of(const socketio::socket& socket);
  /// Emits to all who are connected, and stores the event for those who come back.
  void publish(const std::string& nsp, audience to, socketio::payload event);
  std::string make_offset();
  [[nodiscard]] std::string state_of(const socketio::socket& socket);

  std::int64_t max_disconnection_ms_;
  std::map<std::string, session_adapter> adapters_;  ///< by namespace
  std::optional<instant_ms> next_sweep_;
  instant_ms now_ = 0;         ///< of the last call that had the time
  std::string offset_prefix_;  ///< unpredictable, so that no client's own text is an offset
  std::uint64_t offsets_ = 0;
};

}  // namespace downbeat::conformance
