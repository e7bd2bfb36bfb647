#include "jam/reply.hpp"

#include "json/writer.hpp"

namespace downbeat::jam {
using json::object_writer;

std::string json_of(const session::participant& who) {
  return object_writer()
      .text("id", who.id)
      .text("name", who.name)
      .text("instrument", who.instrument)
      .done();
}

std::string json_of(const std::vector<session::participant>& all) {
  json::array_writer array;
  for (const session::participant& who : all) array.raw(json_of(who));
  return array.done();
}

std::string json_of(const session::event::created& event) {
  return object_writer().text("roomCode", event.room).text("userId", event.user).done();
}

std::string json_of(const session::event::joined& event) {
  return object_writer()
      .text("roomCode", event.room)
      .raw("participants", json_of(event.participants))
      .text("userId", event.user)
      .text("hostId", event.host)
      .done();
}

std::string json_of(const session::event::user_joined& event) {
  return object_writer().raw("user", json_of(event.user)).done();
}

std::string json_of(const session::event::user_left& event) {
  return object_writer().text("userId", event.user).done();
}

std::string json_of(const session::event::host_changed& event) {
  return object_writer().text("hostId", event.host).done();
}

std::string json_of(const session::event::user_updated& event) {
  return object_writer().raw("user", json_of(event.user)).done();
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
