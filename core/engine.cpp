#include "engine.hpp"

#include "engineio/application.hpp"
#include "engineio/server.hpp"
#include "json/writer.hpp"
#include "operations/request.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat {

engine::engine(const engineio::options& options, const application_factory& make_application,
               shard here)
    : here_(here),
      transport_(std::make_unique<engineio::server>(options, outputs_, here)),
      application_(make_application(*transport_, outputs_)) {
  transport_->attach(*application_);
}

engine::~engine() = default;

void engine::handle(instant_ms now, const input::any& input) {
  std::visit([&](const auto& f) { transport_->handle(now, f); }, input);
  if (std::holds_alternative<input::deadline_reached>(input)) application_->deadline_reached(now);
  if (const auto* drain = std::get_if<input::drain_requested>(&input)) {
    application_->draining(now, drain->within_ms);
  }
  if (std::holds_alternative<input::shutdown_requested>(input)) application_->shutting_down();
  if (const auto* room = std::get_if<input::room_restored>(&input)) {
    application_->room_restored(room->snapshot);
  }
  if (std::holds_alternative<input::restore_finished>(input)) application_->restore_finished(now);
  if (const auto* changed = std::get_if<input::options_changed>(&input)) {
    application_->options_changed(now, changed->json);
  }
  if (const auto* answer = std::get_if<input::append_answered>(&input)) {
    application_->append_answered(now, *answer);
  }
  if (const auto* nodes = std::get_if<input::nodes_changed>(&input)) {
    application_->nodes_changed(now, *nodes);
  }
  if (const auto* appended = std::get_if<input::room_appended>(&input)) {
    application_->room_appended(now, *appended);
  }
  if (const auto* replaced = std::get_if<input::room_replaced>(&input)) {
    application_->room_replaced(now, *replaced);
  }
  if (const auto* relayed = std::get_if<input::relay_received>(&input)) {
    application_->relay_received(now, *relayed);
  }
  if (const auto* message = std::get_if<input::shard_message_received>(&input)) {
    if (message->to == layer::engineio) {
      transport_->on_shard_message(message->text);
    } else {
      application_->on_shard_message(now, message->from, message->text);
    }
  }
  if (const auto* asked = std::get_if<input::query>(&input)) answer(now, *asked);
  if (const auto* ordered = std::get_if<input::operator_command>(&input)) answer(now, *ordered);
  transport_->settle(now);
}

std::string engine::take_written(input::any& input) const {
  if (const auto* message = std::get_if<input::shard_message_received>(&input)) {
    if (message->from >= here_.count || message->from == here_.index) {
      return "there is no other shard of that number";
    }
    const bool is_readable = message->to == layer::engineio
                                 ? engineio::server::can_read(message->text)
                                 : application_->can_read(message->text);
    return is_readable ? "" : "no such message between shards, or one of its members is wrong";
  }
  if (const auto* room = std::get_if<input::room_restored>(&input)) {
    return application_->can_restore(room->snapshot)
               ? ""
               : "no room, or one of another shard, or there is no journal";
  }
  if (const auto* moved = std::get_if<input::connection_moved_in>(&input)) {
    if (here_.count == 1) return "there is no other shard that a connection could come from";
    return transport_->take_written(*moved->what);
  }
  return {};
}

void engine::answer(instant_ms now, const input::query& asked) {
  const auto read = operations::read_query(asked.json);
  std::string json;
  if (const auto* error = std::get_if<operations::error>(&read)) {
    json = operations::failure(*error);
  } else {
    const auto& what = std::get<operations::query>(read);
    json = what.what == "connections" ? transport_->answer(what) : application_->answer(now, what);
  }
  outputs_.push(output::answer{asked.id, std::move(json)});
}

void engine::answer(instant_ms now, const input::operator_command& ordered) {
  const auto read = operations::read_command(ordered.json);
  const auto* const error = std::get_if<operations::error>(&read);
  std::string json = error != nullptr
                         ? operations::failure(*error)
                         : application_->carry_out(now, std::get<operations::command>(read));
  outputs_.push(output::answer{ordered.id, std::move(json)});
}

output::any engine::poll_output() {
  if (!outputs_.is_empty()) return outputs_.pop();
  const auto transport = transport_->next_deadline();
  const auto application = application_->next_deadline();
  if (transport && application) return output::wait_until{std::min(*transport, *application)};
  return output::wait_until{transport ? transport : application};
}

std::optional<std::int64_t> engine::wall_now(instant_ms now) const {
  return transport_->wall_now(now);
}

std::vector<measurement> engine::measure(instant_ms now) const {
  std::vector<measurement> all;
  transport_->measure(all);
  application_->measure(now, all);
  return all;
}

std::vector<retained> engine::retained_bytes() const {
  return transport_->retained_bytes();
}

std::optional<std::int64_t> engine::retained_bytes_limit_in_all(std::int64_t connections) const {
  return transport_->retained_bytes_limit_in_all(connections);
}

std::string engine::snapshot() const {
  return json::object_writer()
      .raw("connections", transport_->snapshot())
      .raw("application", application_->snapshot())
      .done();
}

}  // namespace downbeat
