#include "jam/settings.hpp"

#include "json/text.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace downbeat::jam {
namespace {

// A browser's timers take no longer delays.
constexpr std::int64_t most = 2'147'483'647;

// clang-format off
constexpr std::array<setting, 20> all_settings = {{
    {"pingInterval", [](options& o) -> std::int64_t& { return o.engineio.ping_interval_ms; }, 1},
    {"pingTimeout", [](options& o) -> std::int64_t& { return o.engineio.ping_timeout_ms; }, 1},
    {"upgradeTimeout", [](options& o) -> std::int64_t& { return o.engineio.upgrade_timeout_ms; }, 1},
    {"closeTimeout", [](options& o) -> std::int64_t& { return o.engineio.close_timeout_ms; }, 1},
    {"maxPayload", [](options& o) -> std::int64_t& { return o.engineio.max_payload_bytes; }, 1},
    {"maxQueuedBytes", [](options& o) -> std::int64_t& { return o.engineio.max_queued_bytes; }, 0},
    {"maxQueuedBytesInAll", [](options& o) -> std::int64_t& { return o.engineio.max_queued_bytes_in_all; }, 0},
    {"connectTimeout", [](options& o) -> std::int64_t& { return o.socketio.connect_timeout_ms; }, 1},
    {"maxAttachments", [](options& o) -> std::int64_t& { return o.socketio.max_attachments; }, 0},
    {"maxParticipants", [](options& o) -> std::int64_t& { return o.session.max_participants; }, 0},
    {"maxSessions", [](options& o) -> std::int64_t& { return o.session.max_sessions; }, 0},
    {"maxEventBytes", [](options& o) -> std::int64_t& { return o.max_event_bytes; }, 0},
    {"maxDepth", [](options& o) -> std::int64_t& { return o.max_depth; }, 0},
    {"maxNameLength", [](options& o) -> std::int64_t& { return o.max_name_length; }, 0},
    {"maxEventsPerSecond", [](options& o) -> std::int64_t& { return o.max_events_per_second; }, 0},
    {"maxJoinsPerMinute", [](options& o) -> std::int64_t& { return o.max_joins_per_minute; }, 0},
    {"maxJoinsPerMinuteByAddress", [](options& o) -> std::int64_t& { return o.max_joins_per_minute_by_address; }, 0},
    {"maxFailedJoinsPerMinute", [](options& o) -> std::int64_t& { return o.max_failed_joins_per_minute; }, 0},
    {"maxFailedJoinsPerHourByAddress", [](options& o) -> std::int64_t& { return o.max_failed_joins_per_hour_by_address; }, 0},
    {"maxFailedJoinsPerDay", [](options& o) -> std::int64_t& { return o.max_failed_joins_per_day; }, 0},
}};
// clang-format on

std::optional<std::int64_t> read_number(std::string_view json) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

}  // namespace

std::span<const setting> settings() {
  return all_settings;
}

std::string write_options(const options& given) {
  options copy = given;
  std::string json;
  for (const setting& s : all_settings) {
    json += json.empty() ? '{' : ',';
    json.append("\"").append(s.name).append("\":").append(std::to_string(s.in(copy)));
  }
  json += '}';
  return json;
}

std::variant<options, std::string> read_options(std::string_view json) {
  if (!json::check(json)) return std::string("options must be JSON");
  const std::string compact = json::compact(json);
  if (json::kind_of(compact) != json::kind::object) {
    return std::string("options must be an object");
  }
  options result;
  for (const setting& s : all_settings) {
    const auto value = json::member(compact, s.name);
    if (!value) continue;
    const auto number = read_number(*value);
    if (!number || *number < s.least || *number > most) {
      return std::string(s.name) + " must be a whole number from " + std::to_string(s.least) +
             " to " + std::to_string(most);
    }
    s.in(result) = *number;
  }
  return result;
}

}  // namespace downbeat::jam
