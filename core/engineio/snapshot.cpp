// The state of all connections, for people who look on.

#include "engineio/server.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace downbeat::engineio {
namespace {

std::string_view name_of(life state) {
  switch (state) {
    case life::open: return "open";
    case life::closing: return "closing";
    case life::lingering: return "lingering";
  }
  return "unknown";
}

std::string_view name_of(heartbeat beat) {
  switch (beat) {
    case heartbeat::resting: return "resting";
    case heartbeat::awaiting_pong: return "awaiting pong";
    case heartbeat::awaiting_pong_late: return "awaiting pong, late";
  }
  return "unknown";
}

std::string_view name_of(upgrade_stage stage) {
  switch (stage) {
    case upgrade_stage::none: return "none";
    case upgrade_stage::opened: return "opened";
    case upgrade_stage::probed: return "probed";
  }
  return "unknown";
}

std::string json_of(const connection& c) {
  json::object_writer json;
  json.number("connection", static_cast<std::int64_t>(c.id));
  if (c.websocket) json.number("transport", static_cast<std::int64_t>(*c.websocket));
  json.text("carriedBy", c.websocket ? "websocket" : "polling")
      .text("state", name_of(c.state))
      .text("heartbeat", name_of(c.beat))
      .text("upgrade", name_of(c.upgrade));
  if (c.beat_deadline) json.number("heartbeatDeadline", *c.beat_deadline);
  if (c.upgrade_deadline) json.number("upgradeDeadline", *c.upgrade_deadline);
  if (c.linger_deadline) json.number("lingerDeadline", *c.linger_deadline);
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
  std::sort(all.begin(), all.end(),
            [](const connection* a, const connection* b) { return a->id < b->id; });
  json::array_writer array;
  for (const connection* c : all) array.raw(json_of(*c));
  return array.done();
}

}  // namespace downbeat::engineio
