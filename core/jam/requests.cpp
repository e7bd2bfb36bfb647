// Handlers of the client events.

#include "jam/application.hpp"
#include "jam/reply.hpp"
#include "session/refusal.hpp"
#include "socketio/placeholder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {}  // namespace

template <class Request>
void application::serve(const request_context& by) {
  auto request = read_request<Request>(by.event, options_);
  if (const auto* error = std::get_if<invalid_payload>(&request)) return refuse(by, *error);
  if constexpr (requires(Request r) { r.request_id; }) {
    const auto& id = std::get<Request>(request).request_id;
    if (id && answer_again(by, *id)) return;
  }
  handle(by, std::get<Request>(request));
}

template <class... Requests>
void application::dispatch(const request_context& by, request_list<Requests...>) {
  const auto try_one = [&](std::string_view name,
                           void (application::*serve_it)(const request_context&)) {
    if (name != by.event.name) return false;
    (this->*serve_it)({by.now, by.from, by.event, name});
    return true;
  };
  static_cast<void>((try_one(name_of<Requests>, &application::serve<Requests>) || ...));
}

void application::received(instant_ms now, const socketio::socket& socket,
                           const socketio::message& event) {
  dispatch({now, socket, event, {}}, client_requests());
}

// This server sends no events that ask for acknowledgements.
void application::acknowledged(const socketio::socket&, std::uint64_t, const socketio::message&) {}

void application::handle(const request_context& by, create_request& request) {
  if (is_draining_) {
    return fail(by.from, by.event.ack_id, by.name, "Server is shutting down", "shutting_down");
  }
  if (const auto limit = exceeded_join_limit(by); !limit.empty()) return refuse_for_rate(by, limit);
  submitted_command command{
      session::command::create{participant_of(by.from), std::move(request.name),
                               std::move(request.instrument), state_of(by.from).draws.next(),
                               join_limiter_.is_locked_down(by.now), next_move(by.from),
                               journaled_pid_of(by.from)},
      by.from.number, by.name, by.event.ack_id};
  set_request_id(command, request.request_id);
  draw_token(by.from, command);
  if (here_.count > 1 && !directory_.may_create(participant_of(by.from))) {
    return ask(by.now, here_.next(here_.index), std::move(command));
  }
  submit(by.now, std::move(command));
}

void application::handle(const request_context& by, join_request& request) {
  auto& [room_code, name, instrument, request_id] = request;
  // For a code of another shard, that shard checks the limits of the client's address.
  const auto elsewhere = other_shard_of(room_code);
  auto limit = exceeded_lookup_limit(by);
  if (limit.empty() && !elsewhere) {
    limit = exceeded_lookup_limit(by.now, server_.remote_address_of(by.from), room_code);
  }
  if (limit.empty()) limit = exceeded_join_limit(by);
  if (!limit.empty()) return refuse_for_rate(by, limit);
  submitted_command command{
      session::command::join{participant_of(by.from), std::move(room_code), std::move(name),
                             std::move(instrument), next_move(by.from), journaled_pid_of(by.from)},
      by.from.number, by.name, by.event.ack_id};
  set_request_id(command, request_id);
  if (elsewhere) return ask(by.now, *elsewhere, std::move(command));
  draw_token(by.from, command);
  submit(by.now, std::move(command));
}

void application::handle(const request_context& by, leave_request& request) {
  submitted_command command{
      session::command::leave{participant_of(by.from), std::move(request.room_code)},
      by.from.number, by.name, by.event.ack_id};
  set_request_id(command, request.request_id);
  submit(by.now, std::move(command));
}

void application::handle(const request_context& by, update_request& request) {
  submitted_command command{
      session::command::update{participant_of(by.from), std::move(request.name),
                               std::move(request.instrument)},
      by.from.number, by.name, by.event.ack_id};
  set_request_id(command, request.request_id);
  submit(by.now, std::move(command));
}

// Requests that come again. A client sends one again if it cannot know what became of it: the
// connection was lost, or no acknowledgement came in time.

void application::set_request_id(submitted_command& e, const std::optional<std::string>& id) const {
  e.request_id = id.value_or(std::string());
  if (!is_journaled()) return;
  const auto journal_it = [&](auto& command) {
    if constexpr (requires { command.request_id; }) command.request_id = e.request_id;
  };
  std::visit(journal_it, e.command);
}

void application::remember_requests(client_state& of, const session::participant& who,
                                    const std::string& room) {
  if (!who.requests || !of.answered.empty()) return;
  using kind = session::carried_out_request::kind;
  for (const session::carried_out_request& one : *who.requests) {
    const std::string_view answer = one.what == kind::create ? "session:created"
                                    : one.what == kind::join ? "session:joined"
                                                             : "";
    const bool has_entered = one.what != kind::update;
    of.answered.push_back({one.id, answer, has_entered ? room : std::string(),
                           has_entered ? entered_json(room, who.id) : std::string("{}")});
  }
}

bool application::answer_again(const request_context& by, const std::string& request_id) {
  const auto& known = state_of(by.from).answered;
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const auto& one) { return one.id == request_id; });
  if (found == known.end()) return false;
  const rate limit{options_.max_events_per_second, 1'000, options_.max_events_per_second * 3};
  if (!state_of(by.from).events.take(by.now, limit)) {
    refuse_for_rate(by, "events_per_second");
    return true;
  }
  const session::participant_id user = participant_of(by.from);
  const session::room* const room = directory_.room_of(user);
  const bool is_there = room != nullptr && room->code == found->room;
  // Who is in the room has changed meanwhile.
  std::string success = is_there && found->event == "session:joined"
                            ? list_json(by.now, user, *room, false)
                            : found->success;
  socketio::drawn_secret token;
  if (is_there && keeps_seats() && state_of(by.from).wants_token) {
    // The text of the token is not kept, and the client may not have got it.
    token = server_.draw_token(by.from);
    server_.set_token(by.from, token.hash);
    if (is_journaled()) {
      submit(by.now, {session::command::change_secrets{user, by.from.pid_hash, token.hash},
                      by.from.number, "", std::nullopt});
    }
  }
  success = with_member(std::move(success), "resumeToken", token.text);
  // To one who has left since, the event would say that it is back.
  if (is_there && !found->event.empty()) emit(&by.from, found->event, success, found->room);
  if (is_there && found->event == "session:created" &&
      list_for(user, *room).participants.size() > 1) {
    // A client that has just created a session takes itself for the only one.
    emit(&by.from, "session:joined",
         with_member(list_json(by.now, user, *room, false), "resumeToken", token.text),
         found->room);
  }
  succeed(by.from, by.event.ack_id, success);
  return true;
}

void application::finish(const submitted_command& e) {
  const socketio::socket* const caller = server_.find(e.caller);
  // The command may have waited for the journal, and its client may be away by now.
  const socketio::socket* const owner = caller != nullptr ? caller : server_.find_kept(e.caller);
  if (!e.request_id.empty() && owner != nullptr && owner->memory != nullptr) {
    auto& known = state_of(*owner).answered;
    const session::room* const room =
        answer_.empty() ? nullptr : directory_.room_of(participant_of(*owner));
    const std::string code = room == nullptr ? std::string() : room->code;
    const bool is_join = answer_ == "session:joined";
    known.push_back({e.request_id, answer_, code,
                     is_join ? entered_json(code, participant_of(*owner)) : success_});
    if (known.size() > session::most_requests) known.pop_front();
  }
  if (caller == nullptr) return;
  succeed(*caller, e.ack_id, with_member(success_, "resumeToken", e.token.text));
}

// A `session:event` changes no state, so it is not a command: it is relayed at once.
void application::handle(const request_context& by, event_request& request) {
  // A socket is in one Socket.IO room, that of its session.
  if (by.from.rooms.empty()) {
    constexpr auto why = session::refusal::not_in_session;
    return fail(by.from, by.event.ack_id, by.name, message_of(why), code_of(why));
  }
  const rate limit{options_.max_events_per_second, 1'000, options_.max_events_per_second * 3};
  if (!state_of(by.from).events.take(by.now, limit)) {
    return refuse_for_rate(by, "events_per_second");
  }
  const auto& [type, data] = request;
  const auto relayed = relayed_event(by.from.id, type, data.value_or(std::string_view()));
  const socketio::room& others = *by.from.rooms.front();
  const std::string code = rings_.empty() ? std::string() : std::string(others.name);
  replay_ring* const ring = ring_of(code);
  if (by.event.attachments.empty() && ring == nullptr) {
    server_.relay(by.from, others, relayed);
    if (node_ != 0) relay_to_nodes(by.from, relayed, {});
  } else {
    // Drop attachments that the data does not use, and number the others again.
    std::string json;
    for (const std::string_view piece : relayed) json += piece;
    const auto extracted = by.event.attachments.empty()
                               ? std::optional(socketio::payload{std::move(json), {}})
                               : socketio::extract(json, by.event.attachments);
    const auto max = static_cast<std::uint64_t>(options_.socketio.max_attachments);
    if (!extracted || extracted->attachments.size() > max) {
      return refuse(by, {"data must not refer to more than " + std::to_string(max) + " attachments",
                         "placeholders"});
    }
    if (ring != nullptr) {
      relay_with_offset(by.now, &by.from, participant_of(by.from), *ring, code, *extracted);
    } else {
      server_.relay(by.from, others, *extracted);
    }
    if (node_ != 0) {
      const std::array<std::string_view, 1> whole = {extracted->json};
      relay_to_nodes(by.from, whole, extracted->attachments);
    }
  }
  ++relayed_;
  succeed(by.from, by.event.ack_id, {});
}

}  // namespace downbeat::jam
