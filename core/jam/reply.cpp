#include "jam/reply.hpp"

#include "json/text.hpp"
#include "json/writer.hpp"

namespace downbeat::jam {
using json::object_writer;

namespace {

/// Opens an object again, for one more member.
void begin_member(std::string& json) {
  json.pop_back();
  if (json.size() > 1) json += ',';
}

object_writer writer_of(const session::participant& who, const node_names& nodes = {}) {
  object_writer json;
  json.text("id", who.id).text("name", who.name).text("instrument", who.instrument);
  if (who.node == 0) return json;
  if (const auto found = nodes.find(who.node); found != nodes.end()) {
    json.text("node", found->second);
  }
  return json;
}

}  // namespace

std::string json_of(const session::participant& who, const node_names& nodes) {
  return writer_of(who, nodes).done();
}

std::string json_of(const std::vector<session::participant>& all, bool is_away,
                    const node_names& nodes) {
  json::array_writer array;
  for (const session::participant& who : all) {
    if (who.is_away == is_away) array.raw(json_of(who, nodes));
  }
  return array.done();
}

std::string entered_json(std::string_view room_code, const session::participant_id& user) {
  return object_writer().text("roomCode", room_code).text("userId", user).done();
}

std::string json_of(const session::event::created& event) {
  return entered_json(event.room, event.who.id);
}

std::string json_of(const session::event::left& event) {
  return object_writer().text("userId", event.user).done();
}

std::string json_of(const session::event::host_changed& event) {
  object_writer json;
  json.text("hostId", event.host);
  if (event.is_acting) json.flag("acting", true);
  return json.done();
}

std::string json_of(const session::event::gone& event) {
  return object_writer().text("userId", event.user).text("reason", to_string(event.why)).done();
}

std::string joined_json(const session::room& room, const session::participant_id& user,
                        const std::vector<away_member>& away, bool is_resumed,
                        const node_names& nodes) {
  object_writer json;
  json.text("roomCode", room.code)
      .raw("participants", json_of(room.participants, false, nodes))
      .text("userId", user)
      .text("hostId", room.host());
  if (room.is_host_acting) json.flag("hostActing", true);
  if (!away.empty()) {
    json::array_writer members;
    for (const auto& [who, grace_ms] : away) {
      members.raw(writer_of(*who).number("graceMs", grace_ms).done());
    }
    json.raw("away", members.done());
  }
  if (is_resumed) json.flag("resumed", true);
  return json.done();
}

std::string back_json(const session::participant& who, const session::participant* after,
                      const node_names& nodes) {
  return object_writer()
      .raw("user", json_of(who, nodes))
      .flag("back", true)
      .raw("after", after == nullptr ? "null" : json::quote(after->id))
      .done();
}

std::string away_json(const session::participant_id& user, std::int64_t grace_ms) {
  return object_writer().text("userId", user).flag("away", true).number("graceMs", grace_ms).done();
}

std::string ended_json(std::string_view room_code, std::string_view reason) {
  object_writer json;
  if (!room_code.empty()) json.text("roomCode", room_code);
  return json.text("reason", reason).done();
}

std::string user_json(const session::participant& who, const node_names& nodes) {
  return object_writer().raw("user", json_of(who, nodes)).done();
}

std::string with_member(std::string json, std::string_view name, std::string_view text) {
  if (text.empty()) return json;
  begin_member(json);
  json.append("\"").append(name).append("\":").append(json::quote(text)).append("}");
  return json;
}

std::string with_missed(std::string json, std::size_t count, bool is_complete) {
  begin_member(json);
  return json.append("\"missed\":")
      .append(std::to_string(count))
      .append(is_complete ? R"(,"complete":true})" : R"(,"complete":false})");
}

std::string event_json(std::string_view name, std::string_view argument, std::string_view offset) {
  std::string json;
  json.reserve(name.size() + argument.size() + offset.size() + 8);
  json.append("[\"").append(name).append("\",").append(argument);
  if (!offset.empty()) json.append(",\"").append(offset).append("\"");
  json += ']';
  return json;
}

std::string error_json(std::string_view message, std::string_view code, std::string_view event) {
  return object_writer().text("message", message).text("code", code).text("event", event).done();
}

std::string success_json(std::string_view success) {
  std::string json = "{\"ok\":true";
  if (success.size() > 2)
    json.append(",").append(success.substr(1));
  else
    json += '}';
  return json;
}

std::string failure_json(std::string_view message, std::string_view code) {
  return object_writer()
      .raw("ok", "false")
      .raw("error", object_writer().text("message", message).text("code", code).done())
      .done();
}

std::array<std::string_view, 7> relayed_event(std::string_view from, std::string_view type,
                                              std::string_view data) {
  return {R"(["session:event",{"userId":")",
          from,
          R"(","type":)",
          type,
          data.empty() ? "" : R"(,"data":)",
          data,
          "}]"};
}

}  // namespace downbeat::jam
