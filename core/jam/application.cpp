// Connections, changed options and the drain of the server.

#include "jam/application.hpp"

#include "jam/reply.hpp"
#include "jam/settings.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::jam {

application::application(const options& options, socketio::server& server, output_queue& outputs,
                         shard here)
    : options_(options),
      server_(server),
      outputs_(outputs),
      here_(here),
      directory_(options.session, here) {
  if (is_journaled()) directory_.forbid_exchange();
}

std::optional<socketio::connect_error> application::admit(
    const socketio::connect_request& request) {
  if (request.nsp == main_namespace) return std::nullopt;
  return socketio::invalid_namespace();
}

std::unique_ptr<socketio::client_memory> application::remember(
    const socketio::connect_request& request) {
  return std::make_unique<client_state>(request.seed);
}

void application::connected(instant_ms, const socketio::socket& socket,
                            const socketio::connect_request& request) {
  may_restore_ = false;
  state_of(socket).draws = splitmix64(request.seed);
  state_of(socket).answered.clear();  // of an earlier socket of the client
  if (keeps_seats()) read_wishes(socket, request);
  notice line{};
  line.what = notice::kind::client_connected;
  line.user = socket.id;
  line.address = request.remote_address;
  outputs_.report(std::move(line));
}

void application::disconnected(instant_ms now, const socketio::socket& socket,
                               std::string_view reason) {
  report(notice::kind::client_disconnected, {}, socket.id, {}, reason);
  if (is_ended_) return;
  give_up_pending_remote(socket);
  take_pending(now, socket);
  // The next socket of this connection may recover the seat of somebody else.
  if (socket.memory != nullptr) state_of(socket).answered.clear();
  // Its seat may be at another node by now.
  if (is_seated_elsewhere(participant_of(socket))) {
    return follow_seat(now, {}, {participant_of(socket), {}, true});
  }
  const bool is_kicked = reason == socketio::disconnected_by_server;
  if (is_kicked && directory_.room_of(participant_of(socket)) != nullptr) {
    remember_end(socket, to_string(session::seat_end::kicked));
  }
  submit(now, {session::command::disconnect{participant_of(socket)}, socket.number, "disconnect",
               std::nullopt});
}

void application::draining(instant_ms, std::uint64_t within_ms) {
  is_draining_ = true;
  json::object_writer about;
  about.text("reason", "server shutting down")
      .number("withinMs", static_cast<std::int64_t>(within_ms));
  // The next process has the sessions from the journal.
  if (is_journaled() && keeps_seats()) about.flag("resumes", true);
  const std::string json = about.done();
  server_.broadcast({main_namespace, {}, nullptr}, {event_json("server:closing", json), {}});
}

// With a journal, the sessions go on in the next process: there everybody is away who is present
// now. So nothing changes any more here, whatever becomes of the connections; what has changed is
// appended.
void application::shutting_down() {
  if (!is_journaled()) return;
  append_all_owed();
  is_ended_ = true;
  restored_.clear();
}

void application::options_changed(instant_ms, std::string_view json) {
  const auto read = read_options(json);
  const auto* const given = std::get_if<options>(&read);
  if (given == nullptr) return;
  options to = *given;
  // Clients got these values in their handshake or rely on them. The largest message may grow, but
  // must not shrink below what clients got.
  to.engineio.ping_interval_ms = options_.engineio.ping_interval_ms;
  to.engineio.ping_timeout_ms = options_.engineio.ping_timeout_ms;
  to.engineio.upgrade_timeout_ms = options_.engineio.upgrade_timeout_ms;
  to.engineio.close_timeout_ms = options_.engineio.close_timeout_ms;
  to.engineio.max_payload_bytes =
      std::max(options_.engineio.max_payload_bytes, given->engineio.max_payload_bytes);
  to.socketio.connect_timeout_ms = options_.socketio.connect_timeout_ms;
  // The journal, and whether seats are kept, is chosen when the server starts.
  to.reconnect_grace_s = options_.reconnect_grace_s;
  to.seat_hold_s = options_.seat_hold_s;
  to.journal = options_.journal;
  options_ = to;
  directory_.limit(to.session);
  server_.limit(socketio_options(to));
  server_.limit_transport(transport_limits(to));
}

}  // namespace downbeat::jam
