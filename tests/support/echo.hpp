#pragma once

#include "base/frame.hpp"
#include "engine.hpp"
#include "engineio/application.hpp"
#include "engineio/options.hpp"
#include "engineio/packet.hpp"
#include "engineio/server.hpp"
#include "output_queue.hpp"
#include "support/wire.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {

/// The smallest application on Engine.IO: it sends every message back. The message `close` closes
/// the connection, and `say and close` shows what a close leaves behind. Everything that the
/// application receives goes into a log that outlives it, such as `1 opened`, `1 got hello` and `1
/// ping timeout`.
class echo final : public engineio::application {
 public:
  echo(engineio::server& server, transcript* log) : server_(server), log_(log) {}

  void opened(instant_ms, engineio::connection_id connection, const engineio::handshake&) override {
    note(connection, "opened");
  }

  void received(instant_ms, engineio::connection_id connection, bool is_binary,
                std::string_view data) override {
    note(connection, "got " + std::string(data));
    if (data == "close") return server_.close(connection);
    if (data == "say and close") {
      server_.send(connection, engineio::encode_message("goodbye"));
      return server_.close(connection);
    }
    server_.send(connection, is_binary ? frame::binary(std::string(data))
                                       : engineio::encode_message(std::string(data)));
  }

  void closed(instant_ms, engineio::connection_id connection,
              engineio::close_reason reason) override {
    note(connection, to_string(reason));
    // Both come too late and must have no effect.
    server_.send(connection, engineio::encode_message("too late"));
    server_.close(connection);
  }

  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  void note(engineio::connection_id connection, std::string_view what) {
    if (log_) log_->push_back(std::to_string(connection) + ' ' + std::string(what));
  }

  engineio::server& server_;
  transcript* log_;
};

/// An engine with the echo application. The log, if there is one, must outlive it.
inline std::unique_ptr<engine> make_echo_with(const engineio::options& options,
                                              transcript* log = nullptr) {
  return std::make_unique<engine>(options, [log](engineio::server& server, output_queue&) {
    return std::make_unique<echo>(server, log);
  });
}

inline std::unique_ptr<engine> make_echo() {
  return make_echo_with({});
}

}  // namespace downbeat::test
