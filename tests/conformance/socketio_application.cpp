#include "socketio_application.hpp"

#include "json/writer.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

#include <array>

namespace downbeat::conformance {
namespace {

using socketio::message;
using socketio::payload;
using socketio::socket;

/// Arguments with the attachments that they name, behind the name of an event unless it is empty.
payload with_name(std::string_view name, std::string_view arguments,
                  const std::vector<frame>& attachments) {
  std::string json = "[";
  if (!name.empty()) json += json::quote(name);
  if (!name.empty() && !arguments.empty()) json += ',';
  json += arguments;
  json += ']';
  // Without attachments, what looks like a placeholder is an object like any other.
  if (attachments.empty()) return {json, {}};
  return socketio::extract(json, attachments).value_or(payload{"[]", {}});
}

/// What names a room: the text of a string, or any other value as it is written.
std::string room_name(std::optional<std::string_view> argument) {
  if (!argument) return {};
  if (json::kind_of(*argument) != json::kind::string) return std::string(*argument);
  return json::decode_string(*argument).value_or(std::string(*argument));
}

/// The parameters of a query as a JSON object; one that is not UTF-8 is left out.
std::string query_object(std::string_view query) {
  std::string object = "{";
  for (const auto& [name, value] : parse_query(query)) {
    if (!utf8::is_valid(name) || !utf8::is_valid(value)) continue;
    if (object.size() > 1) object += ',';
    json::append_quoted(object, name);
    object += ':';
    json::append_quoted(object, value);
  }
  return object + '}';
}

}  // namespace

std::optional<socketio::connect_error> socketio_application::admit(
    const socketio::connect_request& request) {
  if (request.nsp == "/no") return socketio::connect_error{"denied", R"({"code":"E_AUTH","n":1})"};
  if (request.nsp != "/" && request.nsp != "/custom") return socketio::invalid_namespace();
  return std::nullopt;
}

void socketio_application::connected(const socket& socket,
                                     const socketio::connect_request& request) {
  handshakes_[socket.number] = json::object_writer()
                                   .raw("query", query_object(request.query))
                                   .raw("auth", request.auth)
                                   .done();
  server_.emit(socket, with_name("auth", request.auth, {}));
}

void socketio_application::received(instant_ms, const socket& socket, const message& event) {
  json::item_reader reader(event.json);
  reader.next();
  const auto emit = [&](std::string_view name) {
    server_.emit(socket, with_name(name, reader.rest(), event.attachments));
  };
  const auto broadcast = [&](std::string_view name, std::span<const std::string_view> rooms,
                             const socketio::socket* except) {
    server_.broadcast({socket.nsp, rooms, except},
                      with_name(name, reader.rest(), event.attachments));
  };
  const auto to_room = [&](const socketio::socket* except) {
    const std::string room = room_name(reader.next());
    const std::array<std::string_view, 1> rooms = {room};
    broadcast("room-msg", rooms, except);
  };

  if (event.name == "message") {
    emit("message-back");
  } else if (event.name == "message-with-ack") {
    answer(socket, event, with_name({}, reader.rest(), event.attachments));
  } else if (event.name == "emit-with-ack") {
    server_.emit_with_ack(socket, with_name(event.name, reader.rest(), event.attachments));
  } else if (event.name == "server-disconnect") {
    server_.disconnect(socket, reader.next() == "true");
  } else if (event.name == "close-transport") {
    server_.close(socket);
  } else if (event.name == "fire-error") {
    emit("error");
  } else if (event.name == "join") {
    server_.join(socket, room_name(reader.next()));
    answer(socket, event, {"[]", {}});
  } else if (event.name == "leave") {
    server_.leave(socket, room_name(reader.next()));
    answer(socket, event, {"[]", {}});
  } else if (event.name == "to-room") {
    to_room(&socket);
  } else if (event.name == "ns-room") {
    to_room(nullptr);
  } else if (event.name == "broadcast") {
    broadcast("broadcast-msg", {}, &socket);
  } else if (event.name == "who") {
    answer(socket, event, {"[\"" + socket.id + "\"," + json::quote(socket.nsp) + "]", {}});
  } else if (event.name == "handshake") {
    answer(socket, event, {"[" + handshakes_.at(socket.number) + "]", {}});
  }
}

void socketio_application::acknowledged(const socket& socket, std::uint64_t,
                                        const message& answer) {
  const std::string_view arguments = answer.json.substr(1, answer.json.size() - 2);
  server_.emit(socket, with_name("emit-with-ack", arguments, answer.attachments));
}

void socketio_application::disconnected(const socket& socket, std::string_view) {
  handshakes_.erase(socket.number);
}

void socketio_application::answer(const socket& socket, const message& event,
                                  const payload& reply) {
  if (event.ack_id) server_.acknowledge(socket, *event.ack_id, reply);
}

}  // namespace downbeat::conformance
