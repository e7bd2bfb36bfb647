#pragma once

#include "base/frame.hpp"
#include "engine.hpp"
#include "engineio/options.hpp"
#include "json/text.hpp"
#include "socketio/application.hpp"
#include "socketio/options.hpp"
#include "socketio/server.hpp"
#include "stack/socketio_over_engineio.hpp"
#include "support/socketio_client.hpp"
#include "support/wire.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {

/// An application on Socket.IO that tests control. Clients may connect to `/`, `/custom` and
/// `/admin™`; `/no` refuses them with data, `/never` without. It notes everything that it receives.
///
/// Its events, by the name that a client emits:
///
///     echo ...      the same event comes back
///     give ...      acknowledged with the arguments, if that is asked for
///     give twice …  the same, two times
///     ask ...       `question ...` comes back and asks for an acknowledgement, whose arguments
///                   then come as `answer <id> ...`
///     auth          comes back with what the client gave when it connected
///     leave         the server disconnects the socket
///     expel         and the client's connection with it
///     cut           the server closes the connection and says nothing
///     act           whatever `act` is set to
class puppet final : public socketio::application {
 public:
  explicit puppet(socketio::server& server) : server_(server) {}

  std::function<void(const socketio::socket& caller)> act;
  std::vector<std::string> notes;  ///< such as `connected /custom`

  socketio::server& server() { return server_; }

  /// The notes since the last call.
  std::vector<std::string> take_notes() { return std::exchange(notes, {}); }

  std::optional<socketio::connect_error> admit(const socketio::connect_request& request) override {
    if (request.nsp == "/no") {
      return socketio::connect_error{"denied", R"({"code":"E_AUTH","n":1})"};
    }
    if (request.nsp == "/never") return socketio::connect_error{"\"never\"", {}};
    if (request.nsp == "/" || request.nsp == "/custom" || request.nsp == "/admin™") {
      return std::nullopt;
    }
    return socketio::invalid_namespace();
  }

  void connected(instant_ms, const socketio::socket& socket,
                 const socketio::connect_request& request) override {
    auth_[socket.number] = request.auth;
    notes.push_back("connected " + socket.nsp);
  }

  void received(instant_ms now, const socketio::socket& socket,
                const socketio::message& event) override {
    notes.push_back("received " + std::string(event.name));
    json::item_reader reader(event.json);
    reader.next();
    const std::string arguments(reader.rest());
    if (event.name == "echo") server_.emit(socket, repeated(event.json, event));
    if (event.name.substr(0, 4) == "give" && event.ack_id) {
      const auto answer = repeated('[' + arguments + ']', event);
      server_.acknowledge(socket, *event.ack_id, answer);
      if (event.name == "give twice") server_.acknowledge(socket, *event.ack_id, answer);
    }
    if (event.name == "ask") {
      server_.emit_with_ack(socket, repeated(named("\"question\"", arguments), event));
    }
    if (event.name == "auth") {
      server_.emit(socket, {named("\"auth\"", auth_.at(socket.number)), {}});
    }
    // A disconnected socket no longer exists when this returns.
    if (event.name == "leave") return server_.disconnect(now, socket, false);
    if (event.name == "expel") return server_.disconnect(now, socket, true);
    if (event.name == "cut") return server_.close(socket);
    if (event.name == "act") act(socket);
  }

  void acknowledged(const socketio::socket& socket, std::uint64_t ack_id,
                    const socketio::message& answer) override {
    notes.push_back("answered " + std::string(answer.json));
    const std::string_view arguments = answer.json.substr(1, answer.json.size() - 2);
    const std::string json = named("\"answer\"," + std::to_string(ack_id), arguments);
    server_.emit(socket, repeated(json, answer));
  }

  void disconnected(instant_ms, const socketio::socket& socket, std::string_view reason) override {
    auth_.erase(socket.number);
    notes.push_back("disconnected " + socket.nsp + ": " + std::string(reason));
  }

  // With recovery.

  bool keeps_lost = false;  ///< sockets whose connection is lost
  /// Whether a client may not recover a socket, for what it sends with CONNECT.
  std::function<bool(const socketio::connect_request&)> refuses;
  /// What is done before the answer to the CONNECT of a client that recovers.
  std::function<void(const socketio::socket&)> before_answer;

  bool lost(instant_ms now, const socketio::socket& socket, std::string_view reason) override {
    if (!keeps_lost) return application::lost(now, socket, reason);
    notes.push_back("lost " + socket.nsp);
    return true;
  }
  bool refuses_recovery(instant_ms, const socketio::socket&,
                        const socketio::connect_request& request) override {
    return refuses && refuses(request);
  }
  void taken_over(instant_ms, const socketio::socket& socket) override {
    notes.push_back("taken over " + socket.nsp);
  }
  void recovering(instant_ms, const socketio::socket& socket,
                  const socketio::connect_request&) override {
    if (before_answer) before_answer(socket);
  }
  void recovered(instant_ms, const socketio::socket& socket,
                 const socketio::connect_request& request, bool) override {
    auth_[socket.number] = request.auth;
    notes.push_back("recovered " + socket.nsp);
  }

  std::optional<instant_ms> timer;  ///< when its timer is due; at that time it makes a note and
                                    ///< clears this

  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return timer; }
  void deadline_reached(instant_ms now) override {
    if (!timer || now < *timer) return;
    timer.reset();
    notes.push_back("deadline at " + std::to_string(now));
  }

  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  static std::string named(const std::string& name, std::string_view arguments) {
    std::string json = '[' + name;
    if (!arguments.empty()) json.append(",").append(arguments);
    return json + ']';
  }

  static socketio::payload repeated(std::string_view json, const socketio::message& message) {
    return socketio::extract(json, message.attachments).value();
  }

  socketio::server& server_;
  std::map<socketio::socket_number, std::string> auth_;
};

/// An engine with a puppet, which `out` then points to.
inline std::unique_ptr<engine> make_puppet_engine(puppet** out = nullptr,
                                                  const socketio::options& options = {}) {
  return std::make_unique<engine>(
      engineio::options{},
      socketio_over_engineio(options, [out](socketio::server& server, output_queue&) {
        auto made = std::make_unique<puppet>(server);
        if (out != nullptr) *out = made.get();
        return made;
      }));
}

/// For conversations with bystanders that never join a namespace.
inline std::unique_ptr<engine> make_patient_puppet_engine() {
  socketio::options options;
  options.connect_timeout_ms = 1'000'000'000;
  return make_puppet_engine(nullptr, options);
}

/// A puppet on virtual time.
struct puppet_stage {
  explicit puppet_stage(const socketio::options& options = {})
      : line(make_puppet_engine(&app, options)) {}

  /// Makes the server do something while it handles an event of this client.
  void act(socketio_client& caller, std::function<void(const socketio::socket& caller)> what) {
    app->act = std::move(what);
    caller.emit("act");
  }

  puppet* app = nullptr;
  wire line;
};

}  // namespace downbeat::test
