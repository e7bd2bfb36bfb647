#include "socketio_over_engineio.hpp"

#include "engineio/application.hpp"
#include "engineio/packet.hpp"
#include "engineio/server.hpp"
#include "json/writer.hpp"
#include "socketio/application.hpp"
#include "socketio/server.hpp"
#include "socketio/transport.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace downbeat {
namespace {

class carrier final : public engineio::application, private socketio::transport {
 public:
  carrier(const socketio::options& options, const socketio_application_factory& make_application,
          engineio::server& below, output_queue& outputs, shard here)
      : transport_(below),
        outputs_(outputs),
        server_(options, *this, here),
        application_(make_application(server_, outputs)) {
    server_.attach(*application_);
  }

  // What Engine.IO tells.

  void opened(instant_ms now, engineio::connection_id connection,
              const engineio::handshake& handshake) override {
    server_.opened(now, connection, handshake.query, handshake.remote_address, handshake.fresh);
  }

  void received(instant_ms now, engineio::connection_id connection, bool is_binary,
                std::string_view data) override {
    server_.received(now, connection, is_binary, data);
  }

  void closed(engineio::connection_id connection, engineio::close_reason reason) override {
    server_.closed(connection, engineio::to_string(reason));
  }

  std::unique_ptr<luggage> pack(engineio::connection_id connection) override {
    return server_.pack(connection);
  }

  void unpack(instant_ms now, engineio::connection_id connection,
              std::unique_ptr<luggage> content) override {
    server_.unpack(now, connection, std::move(content));
  }

  void told(instant_ms now, shard_index from, const between_shards::message& what) override {
    application_->told(now, from, what);
  }

  [[nodiscard]] std::optional<instant_ms> next_deadline() const override {
    return server_.next_deadline();
  }

  void deadline_reached(instant_ms now) override { server_.deadline_reached(now); }

  void draining(std::uint64_t within_ms) override { application_->draining(within_ms); }

  void options_changed(std::string_view json) override { application_->options_changed(json); }

  void measure(std::vector<measurement>& into) const override {
    server_.measure(into);
    application_->measure(into);
  }

  [[nodiscard]] std::string snapshot() const override {
    return json::object_writer()
        .raw("sockets", server_.snapshot())
        .raw("sessions", application_->snapshot())
        .done();
  }

 private:
  // What Socket.IO asks for.

  [[nodiscard]] std::string_view prefix() const override { return engineio::message_prefix; }

  void send(socketio::client_id to, const frame& message) override { transport_.send(to, message); }

  void close(socketio::client_id which) override { transport_.close(which); }

  void move(socketio::client_id which, shard_index to) override { transport_.move(which, to); }

  void limit_queues(std::int64_t by_client, std::int64_t in_all) override {
    transport_.limit_queues(by_client, in_all);
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
    return std::make_unique<carrier>(options, make_application, below, outputs, here);
  };
}

}  // namespace downbeat
