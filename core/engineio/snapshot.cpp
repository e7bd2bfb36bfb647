// The state of all connections as JSON.

#include "base/heap_sort.hpp"
#include "engineio/server.hpp"
#include "json/writer.hpp"
#include "operations/page.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::engineio {
namespace {

std::string_view life_of(const connection_machine& machine) {
  return machine.is_open() ? "open" : name_of(machine.state());
}

std::string_view name_of(heartbeat beat) {
  switch (beat) {
    case heartbeat::resting: return "resting";
    case heartbeat::awaiting_pong: return "awaiting pong";
    case heartbeat::awaiting_pong_late: return "awaiting pong, late";
  }
  return "unknown";
}

std::string_view upgrade_of(const connection_machine& machine) {
  if (machine.state() == connection_state::probing) return "opened";
  return machine.state() == connection_state::probed ? "probed" : "none";
}

std::string json_of(const connection& c) {
  json::object_writer json;
  json.number("connection", static_cast<std::int64_t>(c.id));
  const auto websocket = c.machine.websocket();
  if (websocket) json.number("transport", static_cast<std::int64_t>(*websocket));
  json.text("carriedBy", websocket ? "websocket" : "polling")
      .text("state", life_of(c.machine))
      .text("heartbeat", name_of(c.beat))
      .text("upgrade", upgrade_of(c.machine));
  if (c.beat_deadline) json.number("heartbeatDeadline", *c.beat_deadline);
  if (const auto until = c.machine.upgrade_deadline()) json.number("upgradeDeadline", *until);
  const auto* const lingering = c.machine.get<state::lingering>();
  if (lingering != nullptr && lingering->until) json.number("lingerDeadline", *lingering->until);
  if (c.polling) {
    json.raw("pollPending", c.polling->poll ? "true" : "false")
        .number("packetsQueued", static_cast<std::int64_t>(c.polling->outbox.size()));
  }
  return json.done();
}

}  // namespace

std::string server::snapshot() const {
  std::vector<const connection*> all;
  for (const auto& [id, c] : connections_) all.push_back(c.get());
  heap_sort(all, [](const connection* a, const connection* b) { return a->id < b->id; });
  json::array_writer array;
  for (const connection* c : all) array.raw(json_of(*c));
  return array.done();
}

std::string server::answer(const operations::query& what) const {
  const auto after = operations::number_of_cursor<connection_id>(what.after);
  if (!after) return operations::unknown_cursor();
  operations::page<connection_id, const connection*> page(after, what.limit);
  for (const auto& [id, c] : connections_) page.offer(id, c.get());
  return page.answer([](const connection* c) { return json_of(*c); },
                     [](connection_id id) { return std::to_string(id); });
}

}  // namespace downbeat::engineio
