#include "stack/socketio_over_engineio.hpp"

#include "engineio/application.hpp"
#include "engineio/packet.hpp"
#include "engineio/server.hpp"
#include "json/writer.hpp"
#include "operations/request.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"
#include "socketio/transport.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat {
namespace {

class engineio_transport final : public engineio::application, private socketio::transport {
 public:
  engineio_transport(const socketio::options& options,
                     const socketio_application_factory& make_application, engineio::server& below,
                     output_queue& outputs, shard here)
      : transport_(below),
        outputs_(outputs),
        server_(options, *this, here),
        application_(make_application(server_, outputs)) {
    server_.attach(*application_);
  }

  // Calls from Engine.IO.

  void opened(instant_ms now, engineio::connection_id connection,
              const engineio::handshake& handshake) override {
    server_.opened(now, connection, handshake.query, handshake.remote_address, handshake.fresh);
  }

  void received(instant_ms now, engineio::connection_id connection, bool is_binary,
                std::string_view data) override {
    server_.received(now, connection, is_binary, data);
  }

  void closed(instant_ms now, engineio::connection_id connection,
              engineio::close_reason reason) override {
    server_.closed(now, connection, engineio::to_string(reason));
  }

  std::unique_ptr<migrated_state> detach(instant_ms now,
                                         engineio::connection_id connection) override {
    return server_.detach(now, connection);
  }

  void attach(instant_ms now, engineio::connection_id connection,
              std::unique_ptr<migrated_state> state) override {
    server_.attach(now, connection, std::move(state));
  }

  [[nodiscard]] std::unique_ptr<migrated_state> read_migrated(
      engineio::connection_id connection, std::string_view text) const override {
    return server_.read_migrated(connection, text);
  }

  void on_shard_message(instant_ms now, shard_index from, std::string_view text) override {
    application_->on_shard_message(now, from, text);
  }

  [[nodiscard]] bool can_read(std::string_view shard_message) const override {
    return application_->can_read(shard_message);
  }

  [[nodiscard]] std::optional<instant_ms> next_deadline() const override {
    const auto of_server = server_.next_deadline();
    const auto of_application = application_->next_deadline();
    if (of_server && of_application) return std::min(*of_server, *of_application);
    return of_server ? of_server : of_application;
  }

  void deadline_reached(instant_ms now) override {
    server_.deadline_reached(now);
    application_->deadline_reached(now);
  }

  void room_restored(std::string_view snapshot) override { application_->room_restored(snapshot); }
  void restore_finished(instant_ms now) override { application_->restore_finished(now); }
  [[nodiscard]] bool can_restore(std::string_view snapshot) const override {
    return application_->can_restore(snapshot);
  }

  void shutting_down() override { application_->shutting_down(); }

  void append_answered(instant_ms now, const input::append_answered& answer) override {
    application_->append_answered(now, answer);
  }
  void nodes_changed(instant_ms now, const input::nodes_changed& what) override {
    application_->nodes_changed(now, what);
  }
  void room_appended(instant_ms now, const input::room_appended& what) override {
    application_->room_appended(now, what);
  }
  void room_replaced(instant_ms now, const input::room_replaced& what) override {
    application_->room_replaced(now, what);
  }
  void relay_received(instant_ms now, const input::relay_received& what) override {
    application_->relay_received(now, what);
  }

  void draining(instant_ms now, std::uint64_t within_ms) override {
    application_->draining(now, within_ms);
  }

  void options_changed(instant_ms now, std::string_view json) override {
    application_->options_changed(now, json);
  }

  std::string answer(instant_ms now, const operations::query& what) override {
    return application_->answer(now, what);
  }
  std::string carry_out(instant_ms now, const operations::command& what) override {
    return application_->carry_out(now, what);
  }

  [[nodiscard]] std::int64_t retained_bytes(engineio::connection_id connection) const override {
    return server_.retained_bytes(connection);
  }
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit() const override {
    return server_.retained_bytes_limit();
  }
  [[nodiscard]] std::optional<std::int64_t> retained_bytes_limit_in_all(
      std::int64_t connections) const override {
    return server_.retained_bytes_limit_in_all(connections);
  }

  void measure(instant_ms now, std::vector<measurement>& into) const override {
    server_.measure(into);
    application_->measure(now, into);
  }

  [[nodiscard]] std::string snapshot() const override {
    return json::object_writer()
        .raw("sockets", server_.snapshot())
        .raw("sessions", application_->snapshot())
        .done();
  }

 private:
  // Calls from Socket.IO.

  [[nodiscard]] std::string_view prefix() const override { return engineio::message_prefix; }

  void send(socketio::client_id to, const frame& message) override { transport_.send(to, message); }

  void close(socketio::client_id which) override { transport_.close(which); }

  void move(socketio::client_id which, shard_index to) override { transport_.move(which, to); }

  [[nodiscard]] std::optional<std::int64_t> wall_now(instant_ms now) const override {
    return transport_.wall_now(now);
  }

  void limit(const socketio::transport_limits& to) override {
    transport_.limit(
        {to.queued_bytes, to.queued_bytes_in_all, to.payload_bytes, to.messages_per_second});
  }

  void reject(socketio::client_id which, std::string_view what) override {
    notice line{};
    line.what = notice::kind::protocol_error;
    line.reason = what;
    line.address = transport_.remote_address_of(which);
    outputs_.report(std::move(line));
    transport_.close(which);
  }

  engineio::server& transport_;
  output_queue& outputs_;
  socketio::server server_;
  std::unique_ptr<socketio::application> application_;
};

}  // namespace

engine::application_factory socketio_over_engineio(const socketio::options& options,
                                                   socketio_application_factory make_application,
                                                   shard here) {
  return [options, here, make_application = std::move(make_application)](engineio::server& below,
                                                                         output_queue& outputs) {
    return std::make_unique<engineio_transport>(options, make_application, below, outputs, here);
  };
}

}  // namespace downbeat
