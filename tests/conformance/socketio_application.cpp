#include "socketio_application.hpp"

#include "json/writer.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

#include <vector>

namespace downbeat::conformance {
namespace {

using socketio::message;
using socketio::payload;
using socketio::socket;

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

std::optional<socketio::connect_error> socketio_application::admit(
    const socketio::connect_request& request) {
  if (request.nsp == "/no") return socketio::connect_error{"denied", R"({"code":"E_AUTH","n":1})"};
  for (const std::string_view nsp : {"/", "/custom", "/quiet"}) {
    if (request.nsp == nsp) return std::nullopt;
  }
  return socketio::invalid_namespace();
}

void socketio_application::connected(instant_ms, const socket& socket,
                                     const socketio::connect_request& request) {
  handshakes_[socket.number] = json::object_writer()
                                   .raw("query", query_object(request.query))
                                   .raw("auth", request.auth)
                                   .done();
  if (request.nsp != "/quiet") emit(socket, with_name("auth", request.auth, {}));
}

void socketio_application::received(instant_ms now, const socket& socket, const message& event) {
  json::item_reader reader(event.json);
  reader.next();
  const auto with_rest = [&](std::string_view name) {
    return with_name(name, reader.rest(), event.attachments);
  };
  const auto to_room = [&](bool to_sender) {
    const std::string room = room_name(reader.next());
    broadcast(socket, room, to_sender, with_rest("room-msg"));
  };

  if (event.name == "message") {
    emit(socket, with_rest("message-back"));
  } else if (event.name == "message-with-ack") {
    acknowledge(socket, event, with_rest({}));
  } else if (event.name == "emit-with-ack") {
    server_.emit_with_ack(socket, with_rest(event.name));
  } else if (event.name == "server-disconnect") {
    server_.disconnect(now, socket, reader.next() == "true");
  } else if (event.name == "close-transport") {
    server_.close(socket);
  } else if (event.name == "fire-error") {
    emit(socket, with_rest("error"));
  } else if (event.name == "join") {
    join(socket, room_name(reader.next()));
    acknowledge(socket, event, {"[]", {}});
  } else if (event.name == "leave") {
    leave(socket, room_name(reader.next()));
    acknowledge(socket, event, {"[]", {}});
  } else if (event.name == "to-room") {
    to_room(false);
  } else if (event.name == "ns-room") {
    to_room(true);
  } else if (event.name == "broadcast") {
    broadcast(socket, std::nullopt, false, with_rest("broadcast-msg"));
  } else if (event.name == "who") {
    acknowledge(socket, event, {"[\"" + socket.id + "\"," + json::quote(socket.nsp) + "]", {}});
  } else if (event.name == "handshake") {
    acknowledge(socket, event, {"[" + handshakes_.at(socket.number) + "]", {}});
  }
}

void socketio_application::acknowledged(const socket& socket, std::uint64_t,
                                        const message& answer) {
  const std::string_view arguments = answer.json.substr(1, answer.json.size() - 2);
  emit(socket, with_name("emit-with-ack", arguments, answer.attachments));
}

void socketio_application::disconnected(instant_ms, const socket& socket, std::string_view) {
  handshakes_.erase(socket.number);
}

void socketio_application::emit(const socket& to, payload event) {
  server_.emit(to, event);
}

void socketio_application::broadcast(const socket& from, const std::optional<std::string>& room,
                                     bool to_sender, payload event) {
  std::vector<std::string_view> rooms;
  if (room) rooms.emplace_back(*room);
  server_.broadcast({from.nsp, rooms, to_sender ? nullptr : &from}, event);
}

void socketio_application::join(const socket& socket, const std::string& room) {
  server_.join(socket, room);
}

void socketio_application::leave(const socket& socket, const std::string& room) {
  server_.leave(socket, room);
}

void socketio_application::acknowledge(const socket& socket, const message& event,
                                       const payload& reply) {
  if (event.ack_id) server_.acknowledge(socket, *event.ack_id, reply);
}

}  // namespace downbeat::conformance
