#include "jam/application.hpp"

#include "jam/reply.hpp"
#include "jam/settings.hpp"
#include "json/writer.hpp"
#include "session/refusal.hpp"
#include "text/address_block.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {

constexpr std::string_view main_namespace = "/";

/// The array of an event: its name, a constant that needs no escapes, and one argument.
std::string event_json(std::string_view name, std::string_view argument) {
  std::string json;
  json.reserve(name.size() + argument.size() + 5);
  json.append("[\"").append(name).append("\",").append(argument).append("]");
  return json;
}

rate per_minute(std::int64_t count) {
  return {count, 60'000, count};
}

}  // namespace

application::application(const options& options, socketio::server& server, output_queue& outputs,
                         shard here)
    : options_(options),
      server_(server),
      outputs_(outputs),
      here_(here),
      directory_(options.session, here) {}

// Connections.

std::optional<socketio::connect_error> application::admit(
    const socketio::connect_request& request) {
  if (request.nsp == main_namespace) return std::nullopt;
  return socketio::invalid_namespace();
}

void application::connected(const socketio::socket& socket,
                            const socketio::connect_request& request) {
  guests_.emplace(socket.number, std::make_unique<guest>(request));
  notice line{};
  line.what = notice::kind::client_connected;
  line.user = socket.id;
  line.address = request.remote_address;
  outputs_.report(std::move(line));
}

void application::disconnected(const socketio::socket& socket, std::string_view reason) {
  guests_.erase(socket.number);
  give_up_waiting(socket);
  report(notice::kind::client_disconnected, {}, socket.id, {}, reason);
  submit({session::command::disconnect{socket.id}, socket.number, "disconnect", std::nullopt});
}

// The server's end, and its limits.

void application::draining(std::uint64_t within_ms) {
  is_draining_ = true;
  const std::string json = json::object_writer()
                               .text("reason", "server shutting down")
                               .number("withinMs", static_cast<std::int64_t>(within_ms))
                               .done();
  server_.broadcast({main_namespace, {}, nullptr}, {event_json("server:closing", json), {}});
}

void application::options_changed(std::string_view json) {
  auto read = read_options(json);
  if (std::holds_alternative<std::string>(read)) return;
  options to = std::get<options>(read);
  // Clients were told these when they connected, or count on them.
  to.engineio = options_.engineio;
  to.engineio.max_queued_bytes = std::get<options>(read).engineio.max_queued_bytes;
  to.engineio.max_queued_bytes_in_all = std::get<options>(read).engineio.max_queued_bytes_in_all;
  to.socketio.connect_timeout_ms = options_.socketio.connect_timeout_ms;
  options_ = to;
  directory_.limit(to.session);
  server_.limit_attachments(to.socketio.max_attachments);
  server_.limit_queues(to.engineio.max_queued_bytes, to.engineio.max_queued_bytes_in_all);
}

// Requests.

const std::vector<std::pair<std::string_view, application::handler>>& application::handlers() {
  // The one that comes by far the most often stands first.
  static const std::vector<std::pair<std::string_view, handler>> table = {
      {"session:event", &application::on_event},   {"session:create", &application::on_create},
      {"session:join", &application::on_join},     {"session:leave", &application::on_leave},
      {"session:update", &application::on_update},
  };
  return table;
}

void application::received(instant_ms now, const socketio::socket& socket,
                           const socketio::message& event) {
  now_ = now;
  for (const auto& [name, handle] : handlers()) {
    if (name == event.name) return (this->*handle)({socket, event, name});
  }
}

// The server asks nobody for acknowledgements.
void application::acknowledged(const socketio::socket&, std::uint64_t, const socketio::message&) {}

void application::on_create(const call& by) {
  auto request = read_create(by.event, options_);
  if (const auto* flaw = std::get_if<invalid_payload>(&request)) return refuse(by, *flaw);
  if (is_draining_) {
    return fail(by.from, by.event.ack_id, by.name, "Server is shutting down", "shutting_down");
  }
  if (const auto limit = flaw_of_entry(by); !limit.empty()) return refuse_for_rate(by, limit);
  auto& as = std::get<profile>(request);
  entry command{session::command::create{by.from.id, std::move(as.name), std::move(as.instrument),
                                         guest_at(by.from).draws.next(), doors_.is_on_guard(now_)},
                by.from.number, by.name, by.event.ack_id};
  if (here_.count > 1 && !directory_.may_create(by.from.id)) {
    return ask(here_.next(here_.index), std::move(command));
  }
  submit(std::move(command));
}

void application::on_join(const call& by) {
  auto request = read_join(by.event, options_);
  if (const auto* flaw = std::get_if<invalid_payload>(&request)) return refuse(by, *flaw);
  auto& [room_code, as] = std::get<join_request>(request);
  // Of another shard's codes that shard knows best, and says what the address may still try.
  const auto elsewhere = other_shard_of(room_code);
  auto limit = flaw_of_search(by);
  if (limit.empty() && !elsewhere) {
    limit = flaw_of_search(guest_at(by.from).address, room_code);
  }
  if (limit.empty()) limit = flaw_of_entry(by);
  if (!limit.empty()) return refuse_for_rate(by, limit);
  entry command{session::command::join{by.from.id, std::move(room_code), std::move(as.name),
                                       std::move(as.instrument)},
                by.from.number, by.name, by.event.ack_id};
  if (elsewhere) return ask(*elsewhere, std::move(command));
  submit(std::move(command));
}

void application::on_leave(const call& by) {
  auto request = read_leave(by.event, options_);
  if (const auto* flaw = std::get_if<invalid_payload>(&request)) return refuse(by, *flaw);
  submit(
      {session::command::leave{by.from.id, std::move(std::get<leave_request>(request).room_code)},
       by.from.number, by.name, by.event.ack_id});
}

void application::on_update(const call& by) {
  auto request = read_update(by.event, options_);
  if (const auto* flaw = std::get_if<invalid_payload>(&request)) return refuse(by, *flaw);
  auto& change = std::get<update_request>(request);
  submit(
      {session::command::update{by.from.id, std::move(change.name), std::move(change.instrument)},
       by.from.number, by.name, by.event.ack_id});
}

// Rates.

std::string_view application::flaw_of_entry(const call& by) {
  guest& who = guest_at(by.from);
  if (!who.joins.take(now_, per_minute(options_.max_joins_per_minute))) return "joins_per_minute";
  if (!doors_.may_enter(now_, who.address)) return "joins_per_minute_by_address";
  if (options_.max_joins_per_minute_by_address != 0) {
    tell_others(between_shards::entered{who.address});
  }
  return {};
}

std::string_view application::flaw_of_search(const call& by) const {
  const guest& who = guest_at(by.from);
  if (!who.failed_joins.has_room(now_, per_minute(options_.max_failed_joins_per_minute))) {
    return "failed_joins_per_minute";
  }
  return {};
}

std::string_view application::flaw_of_search(std::string_view address,
                                             std::string_view code) const {
  std::string_view flaw;
  if (!doors_.may_search(now_, address)) {
    flaw = "failed_joins_per_hour_by_address";
  } else if (doors_.is_on_guard(now_) && !doors_.may_guess(now_, address, price_for(code))) {
    flaw = "failed_joins_per_day";
  }
  // Who guesses shuts out his neighbours at one address, but not from rooms that one of them is in.
  return !flaw.empty() && has_neighbour_in(address, code) ? std::string_view() : flaw;
}

bool application::has_neighbour_in(std::string_view address, std::string_view code) const {
  const session::room* const room = directory_.find(code);
  if (room == nullptr) return false;
  const std::string block = address_block(address);
  return std::any_of(room->participants.begin(), room->participants.end(),
                     [&](const session::participant& member) {
                       const auto* socket = server_.find(main_namespace, member.id);
                       return socket != nullptr &&
                              address_block(guest_at(*socket).address) == block;
                     });
}

std::int64_t application::price_for(std::string_view code) const {
  const auto [live, possible] = directory_.live_and_possible(code);
  return price_of({live, possible});
}

void application::count_failed_join(socketio::socket_number number, std::int64_t price) {
  const auto found = guests_.find(number);
  if (found == guests_.end()) return;
  guest& who = *found->second;
  who.failed_joins.spend(now_, per_minute(options_.max_failed_joins_per_minute));
  doors_.count_failure(now_, who.address, price);
  tell_others(between_shards::join_failed{who.address, price});
}

void application::refuse_for_rate(const socketio::socket& who, std::optional<std::uint64_t> ack_id,
                                  std::string_view event, std::string_view limit) {
  limited_.count(limit);
  ++rate_limited_;
  fail(who, ack_id, event, "Too many requests, try again later", "rate_limited");
}

// A relayed event changes nothing, and so it is not a command: it goes straight to the others.
void application::on_event(const call& by) {
  auto request = read_event(by.event, options_);
  if (const auto* flaw = std::get_if<invalid_payload>(&request)) return refuse(by, *flaw);
  // Its Socket.IO room is its session's, and at hand.
  if (by.from.rooms.empty()) {
    constexpr auto why = session::refusal::not_in_session;
    return fail(by.from, by.event.ack_id, by.name, message_of(why), code_of(why));
  }
  const rate limit{options_.max_events_per_second, 1'000, options_.max_events_per_second * 3};
  if (!guest_at(by.from).events.take(now_, limit)) {
    return refuse_for_rate(by, "events_per_second");
  }
  const auto& [type, data] = std::get<event_request>(request);
  const auto relayed = relayed_event(by.from.id, type, data.value_or(std::string_view()));
  const socketio::room& others = *by.from.rooms.front();
  if (by.event.attachments.empty()) {
    server_.relay(by.from, others, relayed);
  } else {
    // What the data does not refer to stays behind, and the rest is numbered anew.
    std::string json;
    for (const std::string_view piece : relayed) json += piece;
    const auto extracted = socketio::extract(json, by.event.attachments);
    const auto max = static_cast<std::uint64_t>(options_.socketio.max_attachments);
    if (!extracted || extracted->attachments.size() > max) {
      return refuse(by, {"data must not refer to more than " + std::to_string(max) + " attachments",
                         "placeholders"});
    }
    server_.relay(by.from, others, *extracted);
  }
  ++relayed_;
  succeed(by.from, by.event.ack_id, {});
}

// Commands take effect.

void application::submit(entry e) {
  journal_.append(std::move(e));
  while (const auto committed = journal_.next_committed()) apply(*committed);
}

void application::apply(const entry& e) {
  success_ = "{}";
  bool is_refused = false;
  for (const session::any_event& event : directory_.apply(e.command)) {
    std::visit([&](const auto& what) { tell(e, what); }, event);
    is_refused = is_refused || std::holds_alternative<session::event::refused>(event);
  }
  const socketio::socket* caller = server_.find(e.caller);
  if (caller != nullptr && !is_refused) succeed(*caller, e.ack_id, success_);
}

void application::tell(const entry& e, const session::event::created& event) {
  ++created_;
  success_ = json_of(event);
  const auto* const creator = socket_of(e, event.user);
  if (creator != nullptr) server_.join(*creator, event.room);
  emit(creator, "session:created", success_);
  report(notice::kind::session_created, event.room, event.user,
         directory_.room_of(event.user)->participants.front().name);
}

void application::tell(const entry& e, const session::event::joined& event) {
  success_ = json_of(event);
  const auto* const newcomer = socket_of(e, event.user);
  if (!event.again) {
    ++joined_;
    if (newcomer != nullptr) server_.join(*newcomer, event.room);
    report(notice::kind::session_joined, event.room, event.user, event.participants.back().name);
  }
  emit(newcomer, "session:joined", success_);
}

void application::tell(const entry& e, const session::event::user_joined& event) {
  broadcast(event.room, socket_of(e, event.user.id), "session:user-joined", json_of(event));
}

void application::tell(const entry& e, const session::event::user_left& event) {
  const auto* const leaver = socket_of(e, event.user);
  if (leaver != nullptr) server_.leave(*leaver, event.room);
  broadcast(event.room, leaver, "session:user-left", json_of(event));
  report(notice::kind::session_left, event.room, event.user);
}

void application::tell(const entry&, const session::event::host_changed& event) {
  broadcast(event.room, nullptr, "session:host-changed", json_of(event));
  report(notice::kind::host_changed, event.room, event.host);
}

void application::tell(const entry& e, const session::event::user_updated& event) {
  broadcast(event.room, socket_of(e, event.user.id), "session:user-updated", json_of(event));
  report(notice::kind::participant_updated, event.room, event.user.id, event.user.name);
}

void application::tell(const entry&, const session::event::room_closed& event) {
  report(notice::kind::session_closed, event.room, {});
}

void application::tell(const entry& e, const session::event::refused& event) {
  if (std::holds_alternative<session::command::hold_seat>(e.command)) {
    using outcome = between_shards::seat_answered::outcome;
    const bool is_full = event.reason == session::refusal::session_full;
    if (is_full) {
      outputs_.tell(e.asker, between_shards::seat_answered{event.user.str(), outcome::full});
    } else {
      outputs_.tell(e.asker, between_shards::seat_answered{event.user.str(), outcome::not_found,
                                                           price_for(event.room)});
    }
    return;
  }
  const socketio::socket* caller = server_.find(e.caller);
  const bool is_join = std::holds_alternative<session::command::join>(e.command);
  if (is_join) {
    if (event.reason == session::refusal::session_not_found) {
      count_failed_join(e.caller, e.price ? *e.price : price_for(event.room));
    }
    report(notice::kind::join_failed, event.room, event.user, {}, message_of(event.reason));
  }
  if (event.reason == session::refusal::session_full) limited_.count("participants");
  if (event.reason == session::refusal::server_full) limited_.count("sessions");
  if (caller == nullptr) return;
  fail(*caller, e.ack_id, e.event, message_of(event.reason), code_of(event.reason));
}

// Answers.

const socketio::socket* application::socket_of(const entry& e, const session::user_id& user) const {
  const auto* const caller = server_.find(e.caller);
  if (caller != nullptr && user == session::user_id(caller->id)) return caller;
  return server_.find(main_namespace, user);
}

void application::emit(const socketio::socket* to, std::string_view event, std::string_view json) {
  if (to != nullptr) server_.emit(*to, {event_json(event, json), {}});
}

void application::broadcast(std::string_view room, const socketio::socket* except,
                            std::string_view event, std::string_view json) {
  const std::array<std::string_view, 1> rooms = {room};
  server_.broadcast({main_namespace, rooms, except}, {event_json(event, json), {}});
}

void application::succeed(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
                          std::string_view success) {
  if (ack_id) server_.acknowledge(to, *ack_id, {'[' + success_json(success) + ']', {}});
}

void application::fail(const socketio::socket& to, std::optional<std::uint64_t> ack_id,
                       std::string_view event, std::string_view message, std::string_view code) {
  ++refused_;
  server_.emit(to, {event_json("error", error_json(message, code, event)), {}});
  if (ack_id) server_.acknowledge(to, *ack_id, {'[' + failure_json(message, code) + ']', {}});
}

void application::refuse(const call& by, const invalid_payload& flaw) {
  if (!flaw.limit.empty()) limited_.count(flaw.limit);
  report(notice::kind::request_refused, {}, by.from.id, by.name, flaw.message);
  fail(by.from, by.event.ack_id, by.name, flaw.message, "invalid_payload");
}

void application::report(notice::kind what, std::string_view room, std::string_view user,
                         std::string_view name, std::string_view reason) {
  outputs_.report(
      {what, std::string(room), std::string(user), std::string(name), std::string(reason), {}});
}

void application::measure(std::vector<measurement>& into) const {
  into.push_back(
      {"sessions", "Live sessions", static_cast<std::uint64_t>(directory_.session_count()), false});
  into.push_back({"participants", "Users in a session",
                  static_cast<std::uint64_t>(directory_.participant_count()), false});
  into.push_back({"sessions_created_total", "Sessions created", created_, true});
  into.push_back({"joins_total", "Joins of a session", joined_, true});
  into.push_back(
      {"events_relayed_total", "Events relayed to the others in a session", relayed_, true});
  into.push_back(
      {"requests_rate_limited_total", "Client events refused for their rate", rate_limited_, true});
  into.push_back({"requests_failed_total", "Client events answered with an error", refused_, true});
  // All shards are on guard together, and one says so.
  into.push_back({"on_guard",
                  "1 while so many joins have failed that guessing room codes is made harder",
                  here_.index == 0 && doors_.is_on_guard(now_) ? std::uint64_t{1} : 0, false});
  if (here_.count > 1) {
    into.push_back({"clients_waiting", "Clients that wait for the answer of another event loop",
                    static_cast<std::uint64_t>(waiting_.size()), false});
    into.push_back({"seats_held", "Seats for clients on the way from another event loop",
                    static_cast<std::uint64_t>(directory_.held_seat_count()), false});
  }
  limited_.measure(into);
}

std::string application::snapshot() const {
  json::array_writer sessions;
  for (const session::room* room : directory_.rooms()) {
    if (room->participants.empty()) continue;
    sessions.raw(json::object_writer()
                     .text("roomCode", room->code)
                     .text("hostId", room->host())
                     .raw("participants", json_of(room->participants))
                     .done());
  }
  return sessions.done();
}

}  // namespace downbeat::jam
