#include "recovery_application.hpp"

#include "json/text.hpp"
#include "json/writer.hpp"

#include <utility>

namespace downbeat::conformance {
namespace {

using socketio::message;
using socketio::payload;
using socketio::socket;

constexpr std::int64_t sweep_interval_ms = 60'000;

/// The offset that a CONNECT shows; nothing if it is no text.
std::optional<std::string> offset_in(const socketio::connect_request& request) {
  const auto literal = json::member(request.auth, "offset");
  if (!literal || json::kind_of(*literal) != json::kind::string) return std::nullopt;
  return json::decode_string(*literal);
}

/// The texts in an array; what is no text is left out.
std::vector<std::string> texts_in(std::optional<std::string_view> array) {
  std::vector<std::string> texts;
  if (!array || json::kind_of(*array) != json::kind::array) return texts;
  for (const std::string_view item : json::items(*array)) {
    if (json::kind_of(item) != json::kind::string) continue;
    if (auto text = json::decode_string(item)) texts.push_back(*std::move(text));
  }
  return texts;
}

/// Whether a connection that ended for this reason may have ended by accident.
bool is_recoverable(std::string_view reason) {
  return reason != "parse error";
}

}  // namespace

// What the reference server calls a middleware. It does not run for a client that recovers.
std::optional<socketio::connect_error> recovery_application::admit(
    const socketio::connect_request& request) {
  if (json::member(request.auth, "refuse") == "true") return socketio::connect_error{"refused", {}};
  return socketio_application::admit(request);
}

void recovery_application::connected(instant_ms now, const socket& socket,
                                     const socketio::connect_request& request) {
  now_ = now;
  if (!next_sweep_) next_sweep_ = now + sweep_interval_ms;
  if (offset_prefix_.empty()) offset_prefix_ = std::to_string(request.seed) + '.';
  adapter_of(socket).connect(socket.number, socket.id);
  socketio_application::connected(now, socket, request);
}

void recovery_application::received(instant_ms now, const socket& socket, const message& event) {
  now_ = now;
  json::item_reader reader(event.json);
  reader.next();
  if (event.name == "emit-to") {
    audience to;
    to.rooms = texts_in(reader.next());
    to.except = texts_in(reader.next());
    publish(socket.nsp, std::move(to), with_name("room-msg", reader.rest(), event.attachments));
  } else if (event.name == "volatile") {
    server().emit(socket, with_name("volatile-msg", reader.rest(), event.attachments));
  } else if (event.name == "set-data") {
    adapter_of(socket).at(socket.number).data =
        json::object_writer().raw("value", reader.next().value_or("null")).done();
    acknowledge(socket, event, {"[]", {}});
  } else if (event.name == "state") {
    acknowledge(socket, event, {"[" + state_of(socket) + "]", {}});
  } else {
    socketio_application::received(now, socket, event);
  }
}

std::string recovery_application::state_of(const socket& socket) {
  const member& one = adapter_of(socket).at(socket.number);
  json::array_writer rooms;
  for (const std::string& room : one.rooms) rooms.raw(json::quote(room));
  return json::object_writer()
      .flag("recovered", one.was_recovered)
      .raw("rooms", rooms.done())
      .raw("data", one.data)
      .done();
}

// A session of an earlier loss outlives even a DISCONNECT, as in the reference server.
void recovery_application::disconnected(instant_ms now, const socket& socket,
                                        std::string_view reason) {
  now_ = now;
  socketio_application::disconnected(now, socket, reason);
  session_adapter& adapter = adapter_of(socket);
  if (!adapter.disconnect(socket.number)) return;
  adapter.renumber(socket.number, server().keep(socket.nsp, socket.id, socket.pid_hash, nullptr));
}

bool recovery_application::lost(instant_ms now, const socket& socket, std::string_view reason) {
  now_ = now;
  socketio_application::disconnected(now, socket, reason);
  session_adapter& adapter = adapter_of(socket);
  if (!is_recoverable(reason)) return adapter.disconnect(socket.number);
  adapter.lose(now, socket.number);
  return true;
}

bool recovery_application::refuses_recovery(instant_ms now, const socket& socket,
                                            const socketio::connect_request& request) {
  const auto offset = offset_in(request);
  return !offset || !adapter_of(socket).can_recover(now, socket.number, *offset);
}

void recovery_application::recovering(instant_ms now, const socket& socket,
                                      const socketio::connect_request& request) {
  now_ = now;
  const std::string offset = offset_in(request).value_or("");
  for (const payload* missed : adapter_of(socket).recover(socket.number, offset)) {
    server().emit(socket, *missed);
  }
}

void recovery_application::recovered(instant_ms now, const socket& socket,
                                     const socketio::connect_request& request, bool) {
  socketio_application::connected(now, socket, request);
}

void recovery_application::deadline_reached(instant_ms now) {
  now_ = now;
  if (!next_sweep_ || now < *next_sweep_) return;
  next_sweep_ = now + sweep_interval_ms;
  for (auto& [nsp, adapter] : adapters_) {
    for (const socketio::socket_number number : adapter.sweep(now)) server().forget(number);
  }
}

void recovery_application::emit(const socket& to, payload event) {
  audience alone;
  alone.rooms = {to.id};
  publish(to.nsp, std::move(alone), std::move(event));
}

void recovery_application::broadcast(const socket& from, const std::optional<std::string>& room,
                                     bool to_sender, payload event) {
  audience to;
  if (room) to.rooms.push_back(*room);
  if (!to_sender) to.except.push_back(from.id);
  publish(from.nsp, std::move(to), std::move(event));
}

void recovery_application::join(const socket& socket, const std::string& room) {
  adapter_of(socket).join(socket.number, room);
}

void recovery_application::leave(const socket& socket, const std::string& room) {
  adapter_of(socket).leave(socket.number, room);
}

session_adapter& recovery_application::adapter_of(const socket& socket) {
  return adapters_.try_emplace(socket.nsp, max_disconnection_ms_).first->second;
}

void recovery_application::publish(const std::string& nsp, audience to, payload event) {
  const std::string offset = make_offset();
  event.json.back() = ',';
  event.json += json::quote(offset) + ']';
  session_adapter& adapter = adapters_.at(nsp);
  for (const socketio::socket_number number : adapter.recipients(to)) {
    if (const socket* recipient = server().find(number)) server().emit(*recipient, event);
  }
  adapter.store(now_, offset, std::move(to), std::move(event));
}

std::string recovery_application::make_offset() {
  return offset_prefix_ + std::to_string(++offsets_);
}

}  // namespace downbeat::conformance
