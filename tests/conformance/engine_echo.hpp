#pragma once

#include "engineio/application.hpp"
#include "engineio/server.hpp"

namespace downbeat::conformance {

/// Sends every message back as what it was, text or binary.
class engine_echo final : public engineio::application {
 public:
  explicit engine_echo(engineio::server& server) : server_(server) {}

  void opened(instant_ms, engineio::connection_id, const engineio::handshake&) override {}
  void received(instant_ms now, engineio::connection_id connection, bool is_binary,
                std::string_view data) override;
  void closed(instant_ms, engineio::connection_id, engineio::close_reason) override {}

  [[nodiscard]] std::optional<instant_ms> next_deadline() const override { return std::nullopt; }
  void deadline_reached(instant_ms) override {}
  void measure(instant_ms, std::vector<measurement>&) const override {}

 private:
  engineio::server& server_;
};

}  // namespace downbeat::conformance
