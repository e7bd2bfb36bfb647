#include "engine.hpp"

#include "engineio/application.hpp"
#include "engineio/server.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat {

engine::engine(const engineio::options& options, const application_factory& make_application,
               shard here)
    : transport_(std::make_unique<engineio::server>(options, outputs_, here)),
      application_(make_application(*transport_, outputs_)) {
  transport_->attach(*application_);
}

engine::~engine() = default;

void engine::handle(instant_ms now, const input::any& fact) {
  std::visit([&](const auto& f) { transport_->handle(now, f); }, fact);
  if (std::holds_alternative<input::deadline_reached>(fact)) application_->deadline_reached(now);
  if (const auto* drain = std::get_if<input::drain_requested>(&fact)) {
    application_->draining(drain->within_ms);
  }
  if (const auto* changed = std::get_if<input::options_changed>(&fact)) {
    application_->options_changed(changed->json);
  }
  transport_->settle(now);
}

output::any engine::poll_output() {
  if (!outputs_.is_empty()) return outputs_.pop();
  const auto transport = transport_->next_deadline();
  const auto application = application_->next_deadline();
  if (transport && application) return output::wait_until{std::min(*transport, *application)};
  return output::wait_until{transport ? transport : application};
}

std::vector<measurement> engine::measure() const {
  std::vector<measurement> all;
  transport_->measure(all);
  application_->measure(all);
  return all;
}

std::string engine::snapshot() const {
  return json::object_writer()
      .raw("connections", transport_->snapshot())
      .raw("application", application_->snapshot())
      .done();
}

}  // namespace downbeat
