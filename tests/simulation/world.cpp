#include "simulation/world.hpp"

#include "engineio/payload.hpp"
#include "jam/application.hpp"
#include "jam/make_engine.hpp"
#include "jam/settings.hpp"
#include "replay/header.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "shard_routing.hpp"
#include "socketio/server.hpp"
#include "support/session_invariants.hpp"
#include "support/tight_options.hpp"
#include "text/base64.hpp"
#include "trace/output_line.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <variant>

namespace downbeat::simulation {
namespace {

const std::string polling_query = "EIO=4&transport=polling";
const std::string websocket_query = "EIO=4&transport=websocket";

/// Of those that the devices have: two count as one, since they are of one /64, and one is unknown.
constexpr std::array<std::string_view, 6> addresses = {
    "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", "",
};

/// What no client should send, beside what is cut off or has a byte changed.
constexpr std::array<std::string_view, 24> garbage = {
    "",
    "2",
    "7",
    "b!!!",
    "4",
    "49",
    "42",
    "42[]",
    "42{}",
    "42[null]",
    "40[]",
    "44",
    "43",
    "450-[\"x\"]",
    "459-[\"x\"]",
    "451-[\"x\",{\"_placeholder\":true,\"num\":9}]",
    "42/nowhere,[\"x\"]",
    "42[\"connect\"]",
    "41{}",
    "\xff\xfe",
    "4\xc3",
    "1",
    "42[\"session:create\",",
    "40/nowhere,",
};

/// What a client may send, though the server has to refuse it.
constexpr std::array<std::string_view, 12> refusable = {
    "42[\"session:create\"]",
    "42[\"session:create\",null]",
    "42[\"session:create\",[1,2]]",
    "421[\"session:create\",{\"name\":7}]",
    "42[\"session:create\",{\"name\":\"   \"}]",
    "422[\"session:join\",{\"name\":\"Zoe\"}]",
    "42[\"session:join\",{\"roomCode\":5,\"name\":\"Zoe\"}]",
    "42[\"session:leave\",{}]",
    "423[\"session:update\",{\"instrument\":{\"a\":[1]}}]",
    "42[\"session:event\",{\"data\":1}]",
    "42[\"session:event\",{\"type\":\"t\",\"data\":[[[[[[[1]]]]]]]}]",
    "42[\"unheard-of\",{\"a\":1}]",
};

bool exceeds(std::int64_t count, std::int64_t limit) {
  return limit != 0 && count > limit;
}

}  // namespace

world::world(chance decides, shard_index shards, jam::journal_kind journal, bool is_replayable,
             std::int64_t reconnect_grace_s)
    : chance_(decides),
      shards_(shards),
      journal_kind_(journal),
      is_replayable_(is_replayable),
      grace_s_(reconnect_grace_s),
      options_(test::tight_options()) {
  start();
}

void world::start(bool is_restored) {
  started_at_.reset();
  options_ = test::tight_options();
  options_.journal = journal_kind_;
  options_.reconnect_grace_s = grace_s_;
  options_.seat_hold_s = 1;
  options_.max_away_seats_by_address = 9;
  if (host_ && !is_restored) host_->empty_journals();
  if (is_replayable_) options_.socketio.max_buffered_bytes = socketio::options().max_buffered_bytes;
  reloaded_.assign(shards_, options_);
  to_reload_.clear();
  sessions_lost_ = 0;
  highest_max_sessions_ = options_.session.max_sessions;
  participants_before_.assign(shards_, options_.session.max_participants);
  sessions_before_ = 0;
  room_sizes_.clear();
  server_.emplace(options_, shards_);
  // What follows is the trace of another engine.
  for (shard_index i = 0; on_line_ && i < shards_; ++i) note(i, trace_header(i));
  if (host_) {
    host_->restart(std::move(server_->engines));
  } else {
    host_.emplace(std::move(server_->engines), static_cast<observer&>(*this));
  }
  draining_ = 0;
  is_stopping_ = false;
  stopped_ = 0;
  is_at_rest_ = false;
  if (is_restored) {
    set_wall_clock();
    started_at_ = now();
    host_->restore();
  }
  // Sessions and participants that had gone may be there again, more than there may be of them.
  for (const session::directory* sessions : server_->sessions()) {
    sessions_before_ += sessions->session_count();
    for (const session::room* room : sessions->rooms()) {
      room_sizes_.emplace(room->code, static_cast<std::int64_t>(room->participants.size()));
    }
  }
  highest_max_sessions_ += sessions_before_;
}

void world::on_line(std::function<void(std::string_view)> take) {
  on_line_ = std::move(take);
  host_->record([this](shard_index where, std::string_view line) { note(where, line); });
}

std::uint64_t world::digest_value() const {
  fnv1a all = digest_;
  for (const auto& core : host_->engines()) all.add(core->snapshot());
  return all.value();
}

std::string world::trace_header(shard_index of) const {
  return replay::write_header(options_, {of, shards_});
}

// What chance decides.

void world::step() {
  deliver_some();
  if (journal_kind_ == jam::journal_kind::host) change_journal();
  if (const auto rare = below(250); rare < 4) {
    if (rare == 0) oversleep();
    if (rare == 1) come_to_rest();
    if (rare == 2 && below(12) == 0) below(2) == 0 ? restart() : drain_or_restart();
    if (rare == 3) reload();
  } else if (!to_reload_.empty() && below(10) == 0) {
    reload_next();
  } else if (draining_ > 0 && below(30) == 0) {
    drain_or_restart();
  } else if (below(8) == 0) {
    pass_time(static_cast<std::int64_t>(below(below(10) == 0 ? 300 : 30)));
  } else {
    act(devices_[place_in(devices_.size())]);
  }
  check();
}

void world::act(device& d) {
  if (d.by == transport_kind::none) return connect(d);
  const bool is_posting = d.post && !d.is_body_sent;
  if (is_posting && below(2) == 0) return finish_post(d);
  if (!d.outbox.empty() && (!d.post || is_posting)) return flush(d);
  if (d.by == transport_kind::polling && !d.poll && below(4) != 0) return poll(d);
  // Between a packet's text and its attachments nothing else may be said, but time may pass.
  if (d.owed_attachments > 0 && below(4) != 0) return send_attachment(d);
  if (d.owed_attachments > 0) return below(30) == 0 ? drop(d) : upgrade(d);
  switch (below(40)) {
    case 0: return below(4) == 0 ? vanish(d) : drop(d);
    case 1: d.is_silent = below(3) == 0; return;
    case 2: return send_garbage(d);
    case 3:
      // Before the CONNECT is answered, no event is welcome.
      d.has_misbehaved = d.has_misbehaved || d.id.empty();
      return send_packet(d, refusable[place_in(refusable.size())]);
    case 4:
    case 5:
    case 6:
    case 7: return upgrade(d);
    case 8: return lose_upgrade(d);
    case 10: return reconnect_namespace(d);
    case 9:
      if (below(12) == 0) return flood(d);
      break;
    default: break;
  }
  // The answer to a CONNECT may be held up by another shard.
  if (d.id.empty() && d.connects > 0) return;
  if (d.id.empty()) return send_connect(d);
  send_event(d);
}

/// With seats mostly to come back, and at times with a secret of another device.
void world::send_connect(device& d) {
  if (grace_s_ == 0) return send_packet(d, "40");
  const device& whose = below(6) == 0 ? devices_[place_in(devices_.size())] : d;
  std::string auth;
  const auto add = [&](std::string_view name, const std::string& value) {
    auth += auth.empty() ? '{' : ',';
    auth.append("\"").append(name).append("\":").append(value);
  };
  if (!whose.pid.empty() && below(4) != 0) add("pid", '"' + whose.pid + '"');
  if (!whose.token.empty() && below(3) == 0) add("resumeToken", '"' + whose.token + '"');
  const bool is_claim = !auth.empty();
  if (below(3) == 0) add("resume", "true");
  if (below(3) != 0) add("recovery", "true");
  if (!d.offset.empty() && below(4) != 0) add("offset", '"' + d.offset + '"');
  if (!is_claim) return send_packet(d, auth.empty() ? "40" : "40" + auth + '}');
  // The answer may be held up: then the server closes it so that it comes again.
  d.may_be_closed = true;
  ++d.connects;
  send_packet(d, "40" + auth + '}');
}

/// A request with an id, or the last one again.
void world::send_request(device& d, const std::string& ack, const std::string& name,
                         const std::string& members) {
  if (grace_s_ == 0) return send_packet(d, "42" + ack + "[\"" + name + "\",{" + members + "}]");
  if (!d.last_request.empty() && below(4) == 0) return send_packet(d, d.last_request);
  d.last_request = "42" + ack + "[\"" + name + "\",{" + members + ",\"requestId\":\"" +
                   std::to_string(++last_id_) + "\"}]";
  // What it does after it has left is not undone if the leave comes again, though it would think
  // so.
  const std::string request =
      name == "session:leave" ? std::exchange(d.last_request, {}) : d.last_request;
  send_packet(d, request);
}

void world::connect(device& d) {
  d.reset();
  d.opened_at = now();
  d.last_sent = now();
  d.address = addresses[place_in(addresses.size())];
  if (below(2) == 0) {
    d.by = transport_kind::websocket;
    d.websocket = ++last_id_;
    return ask_for_websocket(d, d.websocket, websocket_query);
  }
  d.by = transport_kind::polling;
  d.poll = ++last_id_;
  ask(d, *d.poll, http_method::get, polling_query);
}

void world::poll(device& d) {
  d.poll = ++last_id_;
  d.last_sent = now();
  ask(d, *d.poll, http_method::get, polling_query + "&sid=" + d.sid);
}

void world::send_packet(device& d, std::string_view packet) {
  d.last_sent = now();
  if (d.by == transport_kind::websocket)
    return give(input::frame_received{d.websocket, false, packet});
  d.outbox.emplace_back(packet);
  if (below(3) != 0) flush(d);
}

void world::send_event(device& d) {
  const std::string name = some_name();
  switch (below(12)) {
    case 0: return send_request(d, "", "session:create", "\"name\":\"" + name + '"');
    case 1:
      return send_request(d, "5", "session:create",
                          "\"name\":\"" + name + "\",\"instrument\":\"drums\"");
    case 2:
    case 3:
    case 4:
      return send_request(d, "9", "session:join",
                          "\"roomCode\":\"" + some_room() + "\",\"name\":\"" + name + '"');
    case 5:
      if (below(2) == 0) return;
      return send_request(d, "7", "session:leave",
                          "\"roomCode\":\"" + d.room.value_or("NOWHERE-99") + '"');
    case 6: return send_request(d, "", "session:update", "\"name\":\"" + name + '"');
    case 7: return send_binary_event(d);
    default:
      return send_packet(d, "42[\"session:event\",{\"type\":\"note\",\"data\":{\"pitch\":" +
                                std::to_string(below(128)) + ",\"velocity\":0.5}}]");
  }
}

/// The text of an event with attachments, which come at once or later, or never.
void world::send_binary_event(device& d) {
  const auto count = 1 + below(3);
  std::string text =
      "45" + std::to_string(count) + "-[\"session:event\",{\"type\":\"wave\",\"data\":[";
  for (std::uint64_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ",") + ("{\"_placeholder\":true,\"num\":" + std::to_string(i)) + '}';
  }
  for (const jam::options& in_force : reloaded_) {
    const bool are_too_many = static_cast<std::int64_t>(count) > in_force.socketio.max_attachments;
    if (are_too_many) d.may_be_closed = true;
  }
  d.owed_attachments = count;
  d.half_sent_at = now();
  send_packet(d, text + "]}]");
  if (below(2) == 0) return;
  while (d.owed_attachments > 0 && d.by != transport_kind::none) send_attachment(d);
}

void world::send_attachment(device& d) {
  --d.owed_attachments;
  d.last_sent = now();
  std::size_t size = 1 + place_in(60);
  if (below(8) == 0) {
    // Each is a message of a size that is allowed, and all together are too large a packet.
    size = 250 * (1 + place_in(7));
    d.may_be_closed = true;
  }
  const std::string bytes(size, '\xff');
  if (d.by == transport_kind::websocket)
    return give(input::frame_received{d.websocket, true, bytes});
  d.outbox.push_back('b' + base64::encode(bytes));
  flush(d);
}

/// Leaves the namespace and joins it again, on the same connection.
void world::reconnect_namespace(device& d) {
  if (d.id.empty() || d.post || !d.outbox.empty()) return;
  // Packets in flight are for the device's former socket.
  if (d.by != transport_kind::websocket || host_->peers().is_in_transit(d.websocket)) return;
  ++d.connects;
  // What was counted under another limit may weigh more than it would now.
  if (d.opened_at <= reloaded_at_) d.may_be_closed = true;
  for (const jam::options& in_force : reloaded_) {
    if (exceeds(1 + static_cast<std::int64_t>(d.connects),
                in_force.socketio.max_connects_per_minute)) {
      d.may_be_closed = true;
    }
  }
  send_packet(d, "41");
  if (d.by == transport_kind::none) return;
  d.leave_namespace();
  send_packet(d, "40");
}

/// Far more at once than any rate allows.
void world::flood(device& d) {
  d.may_be_closed = true;
  for (std::uint64_t left = 10 + below(50); left > 0 && d.is_connected(); --left) {
    d.owed_attachments > 0 ? send_attachment(d) : send_event(d);
  }
}

void world::send_garbage(device& d) {
  d.has_misbehaved = true;
  d.last_sent = now();
  std::string text(garbage[place_in(garbage.size())]);
  if (below(2) == 0) text = '4' + text;
  if (below(4) == 0) text = "42[\"session:event\",{\"type\":\"note\",\"data\":[1,2,3]}]";
  if (!text.empty() && below(3) == 0) text.resize(place_in(text.size()));
  if (!text.empty() && below(3) == 0) text[place_in(text.size())] = static_cast<char>(below(256));
  if (d.by == transport_kind::websocket) {
    if (below(12) == 0) return give(input::frame_too_large{d.websocket});
    return give(input::frame_received{d.websocket, below(6) == 0, text});
  }
  d.outbox.push_back(text);
  flush(d);
}

void world::upgrade(device& d) {
  if (d.by != transport_kind::polling || d.sid.empty()) return;
  switch (d.upgrade) {
    case move::none: {
      d.upgrade = move::asked;
      d.upgrade_websocket = ++last_id_;
      return ask_for_websocket(d, d.upgrade_websocket, websocket_query + "&sid=" + d.sid);
    }
    case move::asked: return;
    case move::opened:
      d.last_sent = now();
      return give(
          input::frame_received{d.upgrade_websocket, false, below(20) == 0 ? "2what" : "2probe"});
    case move::probed: {
      // A client pauses: it waits for its GET and its POST to end.
      if (d.poll || d.post || !d.outbox.empty()) return;
      d.last_sent = now();
      const transport_id via = d.upgrade_websocket;
      d.by = transport_kind::websocket;
      d.websocket = via;
      d.upgrade = move::none;
      return give(input::frame_received{via, false, "5"});
    }
  }
}

/// Only the WebSocket dies, at whatever stage; polling goes on.
void world::lose_upgrade(device& d) {
  if (d.by != transport_kind::polling || d.upgrade == move::none) return;
  d.upgrade = move::none;
  give(input::transport_closed{d.upgrade_websocket});
}

void world::drop(device& d) {
  const device gone = d;
  d.reset();
  if (gone.upgrade != move::none) give(input::transport_closed{gone.upgrade_websocket});
  if (gone.post && posts_.erase(*gone.post) != 0) give(input::request_aborted{*gone.post});
  if (gone.by == transport_kind::websocket) return give(input::transport_closed{gone.websocket});
  if (gone.poll) return give(input::request_aborted{*gone.poll});
  if (below(2) == 0) {
    const request_id post = ++last_id_;
    ask(gone, post, http_method::post, polling_query + "&sid=" + gone.sid);
    give(input::body_received{post, "1"});
  }
}

/// Its cable is cut without any notification: everything stays open until the server notices.
void world::vanish(device& d) {
  if (d.upgrade != move::none) lost_.insert(d.upgrade_websocket);
  if (d.by == transport_kind::websocket) lost_.insert(d.websocket);
  d.reset();
}

void world::flush(device& d) {
  if (d.by == transport_kind::websocket) {
    const std::vector<std::string> packets = std::exchange(d.outbox, {});
    for (const std::string& packet : packets) {
      if (d.by != transport_kind::websocket) return;
      d.last_sent = now();
      give(input::frame_received{d.websocket, false, packet});
    }
    return;
  }
  if (d.post && d.is_body_sent) return;
  if (d.post) return finish_post(d);
  if (d.outbox.empty() || d.sid.empty()) return;
  d.body.clear();
  for (const std::string& packet : std::exchange(d.outbox, {})) {
    if (!d.body.empty()) d.body += engineio::record_separator;
    d.body += packet;
  }
  d.last_sent = now();
  const request_id post = ++last_id_;
  d.post = post;
  d.is_body_sent = false;
  posts_[post] = static_cast<std::size_t>(&d - devices_.data());
  ask(d, post, http_method::post, polling_query + "&sid=" + d.sid);
  // The body may take its time, and much may happen before it is there.
  if (d.post && below(4) != 0) finish_post(d);
}

void world::finish_post(device& d) {
  const request_id post = *d.post;
  const std::string body = std::exchange(d.body, {});
  d.last_sent = now();
  if (d.has_misbehaved && below(6) == 0) {
    d.post.reset();
    posts_.erase(post);
    return give(input::request_aborted{post});
  }
  // It may be a while until it is answered, if it has to go from shard to shard.
  d.is_body_sent = true;
  give(input::body_received{post, body});
  if (d.post == post && !host_->peers().is_open(post)) d.post.reset();
}

/// At times something else goes wrong with what the host keeps.
void world::change_journal() {
  host_->answer_appends();
  if (below(100) == 0) set_wall_clock();
  if (below(20) != 0) return;
  jam::journal_faults faults;
  constexpr std::array<std::int64_t, 6> delays = {0, 0, 3, 40, 400, 4'000};
  faults.delay_ms = delays[place_in(delays.size())];
  faults.fails = below(5) == 0;
  faults.is_unknown = below(5) == 0;
  faults.conflicts = below(5) == 0;
  // Otherwise retries could go on forever without time passing.
  if (faults.conflicts) faults.delay_ms = std::max<std::int64_t>(faults.delay_ms, 1);
  for (jam::memory_journal& journal : host_->journals()) journal.set_faults(faults);
  if (below(20) == 0) crash();
}

/// Somebody sets the clock of the machine, forward or back.
void world::set_wall_clock() {
  constexpr std::array<std::int64_t, 7> jumps_ms = {0,       1'000,      -1'000,     60'000,
                                                    -60'000, 86'400'000, -86'400'000};
  wall_ms_at_0_ += jumps_ms[place_in(jumps_ms.size())];
  for (shard_index i = 0; i < shards_; ++i) {
    host_->handle(i, input::clock{std::max<std::int64_t>(1, wall_ms_at_0_ + now())});
  }
}

/// The server dies with all its connections, and another one goes on from the journal, which may
/// have lost the last append of each room.
void world::crash() {
  for (jam::memory_journal& journal : host_->journals()) {
    below(2) == 0 ? journal.forget() : journal.restart();
  }
  go_on_from_journals();
}

void world::go_on_from_journals() {
  for (device& d : devices_) d.reset();
  users_.clear();
  lost_.clear();
  posts_.clear();
  codes_.clear();
  start(true);
}

/// From now on nothing goes wrong.
void world::mend_journals() {
  for (jam::memory_journal& journal : host_->journals()) journal.set_faults({});
}

/// The socket of a device, if its command waits for the journal of this shard.
const socketio::socket* world::pending_socket_of(shard_index where, const device& d) const {
  for (const std::string& id : {d.id, d.former_id}) {
    const auto* const socket = id.empty() ? nullptr : server_->servers[where]->find("/", id);
    if (socket == nullptr) continue;
    if (server_->apps[where]->pending_until(socket->number)) return socket;
  }
  return nullptr;
}

/// The devices whose connection the server may close because of the journal: they have waited for
/// it for too long.
std::vector<std::pair<device*, socketio::socket_number>> world::clients_that_may_be_given_up(
    shard_index where, const input::any& input) {
  std::vector<std::pair<device*, socketio::socket_number>> found;
  if (journal_kind_ != jam::journal_kind::host) return found;
  // What it says while it waits is held, and may be too much.
  const bool is_held = std::holds_alternative<input::frame_received>(input) ||
                       std::holds_alternative<input::body_received>(input);
  for (device& d : devices_) {
    const socketio::socket* const socket = pending_socket_of(where, d);
    if (socket == nullptr) continue;
    const bool is_late = *server_->apps[where]->pending_until(socket->number) <= now();
    if (is_late || is_held) found.emplace_back(&d, socket->number);
  }
  return found;
}

/// What the rooms are, and what clients received, is in the logs, or owed to them.
void world::check_journal() {
  if (journal_kind_ != jam::journal_kind::host) return;
  for (shard_index i = 0; i < shards_; ++i) {
    const auto& queues = server_->apps[i]->queues();
    std::set<std::string> shown;
    for (const session::room* room : server_->apps[i]->sessions().rooms()) {
      shown.insert(room->code);
      const auto found = queues.find(room->code);
      if (found == queues.end()) {
        // Nothing is under way: the log says all.
        const auto* const log = host_->journal(i).log_of(room->code);
        if (log == nullptr) return fail("a room is in no log: " + room->code);
        std::optional<session::room> replayed;
        for (const session::any_event& event : *log) evolve(replayed, event);
        if (digest_of(replayed) != digest_of(*room)) {
          return fail("a room is not what its log makes of it: " + room->code);
        }
        continue;
      }
      const jam::room_queue& queue = found->second;
      std::optional<session::room> state = queue.confirmed;
      if (queue.outstanding) {
        for (const auto& event : queue.outstanding->owed) evolve(state, event);
      }
      for (const auto& event : queue.owed) evolve(state, event);
      if (digest_of(state) != digest_of(*room)) {
        return fail("a room is not what is confirmed and owed: " + room->code);
      }
    }
    for (const session::room& room : host_->journal(i).rooms()) {
      if (shown.count(room.code) == 0 && queues.count(room.code) == 0) {
        return fail("a log goes on without its room: " + room.code);
      }
    }
    for (const auto& [code, queue] : queues) {
      const bool is_idle = !queue.outstanding && queue.owed.empty() && queue.waiting.empty();
      if (is_idle) return fail("a queue has nothing to do: " + code);
      if (!queue.outstanding && !queue.retry_at) return fail("a queue has stopped: " + code);
      const auto is_late = [&](const jam::pending_command& one) {
        return now() - one.what.now > jam::journal_timeout_ms &&
               server_->servers[i]->find(one.what.caller) != nullptr;
      };
      // A host that was asleep first gives the engine the time.
      if (std::any_of(queue.waiting.begin(), queue.waiting.end(), is_late) &&
          host_->deadline(i).value_or(now() + 1) > now()) {
        return fail("a client waits too long for its room: " + code);
      }
    }
  }
}

void world::pass_time(std::int64_t ms) {
  if (!failure_.empty()) return;
  host_->pass(ms, [this] {
    answer_pings();
    if (is_at_rest_) deliver_all();
    return failure_.empty();
  });
}

/// The host stops for a while, and with it the deadlines. Data that arrived meanwhile is handled
/// first: a device that has answered in time must not be closed.
void world::oversleep() {
  if (const auto next = host_->next_stop(); next && below(2) == 0) {
    host_->sleep_until(*next);
    host_->stop();
  }
  host_->sleep_until(now() + static_cast<std::int64_t>(below(6)) * 2'000);
  host_->answer_appends();
  answer_pings();
  for (shard_index i = 0; i < shards_; ++i) handle(i, input::deadline_reached{});
  answer_pings();
}

void world::answer_pings() {
  for (device& d : devices_) {
    if (d.by == transport_kind::websocket) flush(d);
  }
}

/// All devices receive and send everything without time passing. Then all must agree.
void world::come_to_rest() {
  bool is_quiet = false;
  for (int round = 0; round < 50 && !is_quiet && failure_.empty(); ++round) {
    is_quiet = true;
    deliver_all();
    for (device& d : devices_) {
      if (d.by == transport_kind::none) continue;
      if (d.post || !d.outbox.empty()) {
        flush(d);
        is_quiet = false;
      }
      if (d.by != transport_kind::polling || d.poll || d.sid.empty()) continue;
      poll(d);
      is_quiet = is_quiet && d.poll;
    }
    is_quiet = is_quiet && !host_->peers().has_messages();
  }
  if (!is_quiet) return;
  if (started_at_ && now() > *started_at_) started_at_.reset();
  for (const device& d : devices_) {
    if (d.by == transport_kind::polling && d.is_connected() && !d.has_misbehaved) check_picture(d);
  }
  for (const jam::application* app : server_->apps) {
    // Somebody may still be waiting for a slow journal.
    if (!app->queues().empty()) continue;
    for (const session::room* room : app->sessions().rooms()) {
      if (room->reservations != 0) fail("a reservation is nobody's");
    }
  }
}

/// The operator changes limits. The shards receive the change one after another.
void world::reload() {
  if (!to_reload_.empty() || is_stopping_) return;
  jam::options to = test::tight_options();
  to.journal = journal_kind_;
  to.reconnect_grace_s = grace_s_;
  to.seat_hold_s = 1;
  to.max_away_seats_by_address = 9;
  const auto pick = [this](std::int64_t& in, std::initializer_list<std::int64_t> values) {
    if (below(2) == 0) in = *(values.begin() + place_in(values.size()));
  };
  pick(to.socketio.max_attachments, {0, 1, 2, 10});
  pick(to.socketio.max_connects_per_minute, {0, 1, 30});
  pick(to.engineio.max_messages_per_second, {0, 1, 1'000});
  pick(to.session.max_participants, {2, 3, 6, 0});
  pick(to.session.max_sessions, {3, 4, 7, 9});
  pick(to.max_event_bytes, {0, 60, 150, 1'000});
  pick(to.max_depth, {0, 2, 40});
  pick(to.max_events_per_second, {0, 1, 50});
  pick(to.max_joins_per_minute, {0, 100, 1'000});
  pick(to.max_joins_per_minute_by_address, {0, 300, 5'000});
  pick(to.max_failed_joins_per_minute, {0, 60, 500});
  pick(to.max_failed_joins_per_hour_by_address, {0, 600, 5'000});
  pick(to.max_name_length, {0, 5, 64});
  pick(to.engineio.max_queued_bytes, {0, 3'000, 100'000});
  pick(to.engineio.max_queued_bytes_in_all, {0, 9'000, 1'000'000});
  options_ = to;
  highest_max_sessions_ = std::max(highest_max_sessions_, to.session.max_sessions);
  for (shard_index i = 0; i < shards_; ++i) to_reload_.push_back(i);
  for (device& d : devices_) {
    // What was within the limits when it was sent may be beyond them when it is handled: at the
    // end of a packet, of a POST, or of the wait for another shard or
    // for the journal.
    const bool is_paused_at_times = shards_ > 1 || journal_kind_ == jam::journal_kind::host;
    if (is_paused_at_times || d.owed_attachments > 0 || d.by == transport_kind::polling) {
      d.may_be_closed = true;
    }
  }
  reload_next();
}

void world::reload_next() {
  const shard_index where = to_reload_.front();
  to_reload_.erase(to_reload_.begin());
  // A shard may lose one session to rounding when the limit is lowered.
  if (options_.session.max_sessions < reloaded_[where].session.max_sessions) ++sessions_lost_;
  reloaded_[where] = options_;
  reloaded_at_ = now();
  handle(where, input::options_changed{jam::write_options(options_)});
}

/// The server begins to drain: its shards receive that one after another. Then it stops.
void world::drain_or_restart() {
  if (draining_ == shards_) return restart();
  handle(draining_++, input::drain_requested{1'000});
}

/// The server is stopped in the middle of it all, and another one is started.
void world::restart() {
  is_stopping_ = true;
  for (shard_index i = 0; i < shards_; ++i) {
    deliver_some();
    handle(i, input::shutdown_requested{});
    ++stopped_;
  }
  deliver_all();
  if (!lost_.empty()) fail("a lost WebSocket outlived the server");
  for (device& d : devices_) {
    if (d.by == transport_kind::websocket) fail("a client was not notified that the server stops");
    if (d.by == transport_kind::none) {
      connect(d);
      if (d.by != transport_kind::none) fail("a server that stops took a client");
    }
    // The last words come before the close.
    for (int i = 0; i < 2 && d.by == transport_kind::polling && !d.poll; ++i) {
      poll(d);
      deliver_all();
    }
    if (d.by == transport_kind::polling && !d.has_misbehaved) {
      fail("a client on polling was not notified that the server stops");
    }
  }
  if (journal_kind_ == jam::journal_kind::host) {
    for (jam::memory_journal& journal : host_->journals()) journal.restart();
    return go_on_from_journals();
  }
  settle();
  if (!failure_.empty()) return;
  start();
  lost_.clear();
  posts_.clear();
  codes_.clear();
}

// What goes to the server.

void world::ask_for_websocket(const device& d, transport_id transport, const std::string& query) {
  const shard_index where = some_shard();
  host_->peers().ask_for_websocket(
      where, transport, {http_method::get, query, {}, {}, std::string(d.address), draw()});
}

void world::ask(const device& d, request_id request, http_method method, const std::string& query) {
  const shard_index where = some_shard();
  host_->peers().ask(where, request, {method, query, {}, {}, std::string(d.address), draw()});
}

/// Some messages between shards arrive; at times none for a while.
void world::deliver_some() {
  if (shards_ == 1) return;
  if (below(50) == 0) deliveries_ = below(4);
  for (auto left = below(deliveries_ + 1); left > 0; --left) deliver_one();
}

void world::deliver_one() {
  host_->deliver_one([this](std::size_t ways) { return place_in(ways); });
}

void world::deliver_all() {
  for (int i = 0; failure_.empty(); ++i) {
    if (i == 10'000) return fail("the shards talk without end");
    host_->answer_appends();
    if (!host_->peers().has_messages()) return;
    deliver_one();
  }
}

// One input, and all that follows.

void world::note(shard_index where, std::string_view line) {
  if (shards_ == 1) return on_line_(line);
  on_line_('[' + std::to_string(where) + "] " + std::string(line));
}

void world::on_input(shard_index where, const input::any& input) {
  ++steps_;
  may_be_given_up_ = clients_that_may_be_given_up(where, input);
}

void world::on_handled(shard_index where) {
  for (const auto& [d, socket] : may_be_given_up_) {
    if (server_->servers[where]->find(socket) == nullptr) d->may_be_closed = true;
  }
}

void world::on_output(shard_index where, const output::any& output) {
  if (const auto* wait = std::get_if<output::wait_until>(&output)) {
    digest_.add(static_cast<std::uint64_t>(wait->deadline.value_or(-1)));
    return;
  }
  digest_.add(static_cast<std::uint64_t>(output.index()));
  if (shards_ > 1) digest_.add(std::uint64_t{where});
  if (const auto* append = std::get_if<output::append>(&output)) {
    take_down(append->events);
    if (where < stopped_) fail("a server that stops changes what goes on in the next one");
  } else if (routing::destination_of(output)) {
    take_down(trace::write_output(now(), output));
  }
}

void world::take_down(std::string_view text) {
  // With its length, so that no byte can move unseen from one text to the next.
  digest_.add(static_cast<std::uint64_t>(text.size()));
  digest_.add(text);
}

void world::carry_out(shard_index /*where*/, output::any& output) {
  if (const auto* send = std::get_if<output::send_frame>(&output)) {
    digest_.add(send->transport);
    digest_.add(static_cast<std::uint64_t>(send->data.is_binary()));
    take_down(send->data.bytes());
    if (lost_.count(send->transport) != 0) return;
    device* d = device_of_transport(send->transport);
    if (d == nullptr) {
      // The client closed it during the migration, and the shard will learn of that.
      if (host_->peers().is_leaving(send->transport)) return;
      return fail("a message went to a transport that is gone");
    }
    if (send->data.is_binary()) return;
    if (d->by == transport_kind::polling) {
      // On the WebSocket that is to take over, only the probe is answered.
      if (send->data.bytes() != "3probe") return fail("a message came before the upgrade");
      d->upgrade = move::probed;
      return;
    }
    d->hear(send->data.bytes());
  } else if (const auto* close = std::get_if<output::close_transport>(&output)) {
    digest_.add(close->transport);
    digest_.add(static_cast<std::uint64_t>(close->code));
    if (lost_.erase(close->transport) != 0) return;
    device* d = device_of_transport(close->transport);
    if (d == nullptr) return;  // of one that went while it was on the way
    if (d->by == transport_kind::polling) {
      d->upgrade = move::none;
      return;
    }
    const bool is_late =
        d->id.empty() && now() - d->opened_at >= options_.socketio.connect_timeout_ms;
    if (!is_excused(*d) && !is_late && !is_stopping_) {
      fail("a good client was closed");
    }
    leave(*d);
  } else if (const auto* respond = std::get_if<output::respond>(&output)) {
    digest_.add(respond->request);
    digest_.add(static_cast<std::uint64_t>(respond->status));
    take_down(respond->content_type);
    take_down(respond->body);
    if (forget_post(respond->request)) return;
    device* d = device_of_request(respond->request);
    if (d == nullptr) return;  // of one that has dropped
    d->poll.reset();
    if (respond->status != 200) {
      // The session is gone. That of a client in good standing goes only when it fell behind.
      const bool is_behind =
          now() - d->last_sent >= 0 && now() - d->opened_at >= options_.engineio.ping_timeout_ms;
      const bool is_unwelcome = is_stopping_ || (draining_ > 0 && d->sid.empty());
      if (!is_excused(*d) && !is_behind && !is_unwelcome) {
        fail("a good client was refused");
      }
      return leave(*d);
    }
    hear_response(*d, respond->body);
  } else if (const auto* accept = std::get_if<output::accept_websocket>(&output)) {
    digest_.add(accept->transport);
    device* d = device_of_transport(accept->transport);
    if (d != nullptr && d->upgrade == move::asked) d->upgrade = move::opened;
  } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&output)) {
    digest_.add(refuse->transport);
    digest_.add(static_cast<std::uint64_t>(refuse->status));
    take_down(refuse->content_type);
    take_down(refuse->body);
    if (lost_.erase(refuse->transport) != 0) return;
    device* d = device_of_transport(refuse->transport);
    if (d != nullptr && d->by == transport_kind::polling) d->upgrade = move::none;
    if (d != nullptr && d->by == transport_kind::websocket) {
      if (!is_stopping_ && draining_ == 0) fail("a good client was refused");
      d->reset();
    }
  } else if (const auto* cut = std::get_if<output::cut_request>(&output)) {
    digest_.add(cut->request);
    forget_post(cut->request);
  } else if (const auto* report = std::get_if<output::report>(&output)) {
    const notice& line = *report->what;
    take_down(to_string(line.what));
    for (const std::string* field :
         {&line.room, &line.user, &line.name, &line.reason, &line.address}) {
      take_down(*field);
    }
    // A client that comes and goes too often is only sometimes in the log.
    if (report->what->what == notice::kind::client_connected) {
      users_.insert(report->what->user);
      // Two shards may have restored the same participant.
      if (users_.count(report->what->user) > 1 && !started_at_) {
        fail("two clients have the same id");
      }
    }
    if (report->what->what == notice::kind::client_disconnected) {
      const auto known = users_.find(report->what->user);
      if (known == users_.end()) {
        fail("the log says that somebody went of whom it never said that they came");
      } else {
        users_.erase(known);
      }
    }
    if (report->what->what == notice::kind::session_created) {
      codes_.push_back(report->what->room);
      if (codes_.size() > 16) codes_.erase(codes_.begin());
    }
  }
}

/// Whether the server may have a reason to end a device.
bool world::is_excused(const device& d) const {
  const bool dawdles =
      d.owed_attachments > 0 && now() - d.half_sent_at >= options_.socketio.attachment_timeout_ms;
  // The queues may be so small that a device that polls rarely exceeds them, or all devices
  // together, and then the server closes the one with the most.
  const auto& queues = options_.engineio;
  const bool may_fall_behind =
      exceeds(100'000, queues.max_queued_bytes_in_all) ||
      (d.by == transport_kind::polling && exceeds(10'000, queues.max_queued_bytes));
  return d.has_misbehaved || d.is_silent || d.may_be_closed || dawdles || may_fall_behind;
}

bool world::forget_post(request_id request) {
  const auto post = posts_.find(request);
  if (post == posts_.end()) return false;
  device& d = devices_[post->second];
  if (d.post == request) d.post.reset();
  posts_.erase(post);
  return true;
}

void world::hear_response(device& d, std::string_view body) {
  for (const std::string_view part : engineio::split_payload(body)) {
    if (!part.empty() && part.front() != 'b') d.hear(part);
  }
  if (d.is_closed) leave(d);
}

/// The session of a device is gone.
void world::leave(device& d) {
  const device gone = d;
  d.reset();
  if (gone.upgrade == move::none) return;
  // A WebSocket that was not accepted yet is given up.
  if (gone.upgrade == move::asked && host_->peers().is_in_transit(gone.upgrade_websocket)) {
    return give(input::transport_closed{gone.upgrade_websocket});
  }
  fail("a WebSocket outlived its session: " + std::to_string(gone.upgrade_websocket));
}

device* world::device_of_transport(transport_id transport) {
  for (device& d : devices_) {
    if (d.by == transport_kind::websocket && d.websocket == transport) return &d;
    if (d.by == transport_kind::polling && d.upgrade != move::none &&
        d.upgrade_websocket == transport) {
      return &d;
    }
  }
  return nullptr;
}

device* world::device_of_request(request_id request) {
  for (device& d : devices_) {
    if (d.poll == request) return &d;
  }
  return nullptr;
}

// What must always be true.

void world::check() {
  for (const device& d : devices_) {
    // Garbage may be anything, also a close: its sender does not know its own state any more.
    if (d.has_misbehaved) continue;
    if (!d.complaint.empty()) fail("a client " + d.complaint);
    // A device that is migrating to another session has left the one before, and will be notified.
    if (d.by == transport_kind::websocket && d.is_connected() &&
        !host_->peers().is_in_transit(d.websocket)) {
      check_picture(d);
    }
  }
  check_rooms();
  // Who is connected to a server that stops does not matter any more: the next one has the rooms.
  if (!goes_on()) check_journal();
  check_retained_bytes();
}

/// What a client makes the server keep has a bound, whatever it does.
void world::check_retained_bytes() {
  for (const auto& core : host_->engines()) {
    const auto all = core->retained_bytes();
    std::int64_t sum = 0;
    for (const auto& [bytes, limit] : all) {
      sum += bytes;
      if (limit && bytes > *limit) fail("too much is kept for a client: " + std::to_string(bytes));
    }
    const auto limit_in_all =
        core->retained_bytes_limit_in_all(static_cast<std::int64_t>(all.size()));
    if (limit_in_all && sum > *limit_in_all) {
      fail("too much is kept for all clients: " + std::to_string(sum));
    }
  }
}

const session::room* world::room_of(const session::user_id& user) const {
  const auto directories = server_->sessions();
  for (shard_index i = 0; i < shards_; ++i) {
    // Who is on the way to a room is still in the one before.
    if (server_->apps[i]->is_entering(user)) continue;
    if (const session::room* room = directories[i]->room_of(user)) return room;
  }
  return nullptr;
}

/// Its command waits for the journal, or for another shard.
bool world::is_between_rooms(const device& d) const {
  for (shard_index i = 0; shards_ > 1 && i < shards_; ++i) {
    if (pending_socket_of(i, d) != nullptr) return true;
  }
  return false;
}

void world::check_picture(const device& d) {
  if (is_between_rooms(d)) return;
  const auto directories = server_->sessions();
  const auto rooms =
      std::count_if(directories.begin(), directories.end(), [&](const session::directory* one) {
        return one->room_of(session::user_id(d.id)) != nullptr;
      });
  if (started_at_ && rooms > 1) return;
  const session::room* room = room_of(session::user_id(d.id));
  // It has left the right one, and the shard of the other does not know yet that it was not there.
  const session::participant* const self =
      room == nullptr ? nullptr : find_participant(*room, session::user_id(d.id));
  if (started_at_ && self != nullptr && self->is_away) return;
  if (room == nullptr) {
    // Its leave is answered when the journal has it.
    bool has_left = false;
    for (shard_index i = 0; i < shards_; ++i)
      has_left = has_left || pending_socket_of(i, d) != nullptr;
    if (d.room && !has_left) fail("a client believes to be in a session that it is not in");
    return;
  }
  std::vector<session::participant> present;
  for (const session::participant& who : room->participants) {
    if (!who.is_away) present.push_back(who);
  }
  const std::size_t away = room->participants.size() - present.size();
  if (d.away.size() != away) fail("a client believes in others who are away");
  if (d.room != room->code) return fail("a client believes to be in another session");
  if (d.host != room->host().str()) fail("a client believes in another host");
  const bool is_equal = std::equal(
      d.members.begin(), d.members.end(), present.begin(), present.end(),
      // A client does not receive its own name back.
      [&](const auto& a, const auto& b) { return a == b || (a.id == b.id && a.id.str() == d.id); });
  if (!is_equal) fail("a client's list differs from the server's");
}

void world::check_rooms() {
  std::int64_t all_sessions = 0;
  std::set<std::string_view> all_participants;
  std::set<std::string_view> all_settled;
  std::set<std::string_view> all_present;
  bool is_anybody_entering = false;
  std::map<std::string, std::int64_t, std::less<>> sizes;
  const auto directories = server_->sessions();
  for (shard_index shard = 0; shard < shards_; ++shard) {
    const session::directory* const sessions = directories[shard];
    std::int64_t participants = 0;
    all_sessions += sessions->session_count();
    for (const session::room* room : sessions->rooms()) {
      const auto count = static_cast<std::int64_t>(room->participants.size());
      if (count + room->reservations == 0) fail("a session is empty");
      const std::int64_t taken = count + room->reservations;
      // Lowering a limit removes nobody.
      const auto before = room_sizes_.find(room->code);
      const bool has_grown = before == room_sizes_.end() || taken > before->second;
      if (has_grown && exceeds(taken, reloaded_[shard].session.max_participants) &&
          exceeds(taken, participants_before_[shard])) {
        fail("a session is too full");
      }
      sizes.emplace(room->code, taken);
      for (const session::participant& who : room->participants) {
        if (sessions->room_of(who.id) != room) fail("somebody is said to be elsewhere");
        // Who changes to a room of another shard is in both until the connection has migrated.
        all_participants.insert(who.id);
        if (server_->apps[shard]->is_entering(who.id)) {
          is_anybody_entering = true;
          continue;
        }
        // After a restart, shards notify each other of whom they have both restored.
        const bool is_new = all_settled.insert(who.id).second;
        const bool is_present_twice = !who.is_away && !all_present.insert(who.id).second;
        if (is_present_twice || (!is_new && !started_at_)) fail("somebody is in two sessions");
        if (!goes_on()) check_seat(shard, who);
      }
      participants += count;
    }
    if (participants != sessions->participant_count()) fail("participants are miscounted");
  }
  // Several shards share the limit out. If it is lowered, one may have more than its part by then,
  // and the others still create theirs.
  // So may those whose session is in the journal by then.
  const bool is_exact = shards_ == 1 && journal_kind_ == jam::journal_kind::memory;
  const std::int64_t limit = is_exact ? options_.session.max_sessions : highest_max_sessions_;
  if (all_sessions > sessions_before_ && all_sessions > limit) {
    fail("there are too many sessions");
  }
  for (shard_index shard = 0; shard < shards_; ++shard) {
    participants_before_[shard] = reloaded_[shard].session.max_participants;
  }
  sessions_before_ = all_sessions;
  room_sizes_ = std::move(sizes);
  // All that can be said of the state is too much to say after every step.
  if (steps_ % 64 != 0) return;
  for (const auto& core : host_->engines()) take_down(core->snapshot());
  // What has grown beyond its limit was looked for above.
  std::string broken = session::test::broken_invariant(
      server_->sessions(), session::limits{0, 0},
      std::vector<session::user_id>(all_participants.begin(), all_participants.end()),
      started_at_.has_value() || is_anybody_entering);
  if (!broken.empty()) fail(std::move(broken));
}

/// Who is present is connected. Who is away is not, and not for longer than the grace.
void world::check_seat(shard_index shard, const session::participant& who) {
  const bool is_connected = server_->servers[shard]->find("/", who.id) != nullptr;
  const auto until = server_->apps[shard]->away_until(who.id);
  if (!who.is_away && !is_connected) fail("somebody in a session is not connected");
  if (!who.is_away && until) fail("somebody who is present has a seat that ends");
  if (!who.is_away) return;
  if (is_connected) fail("somebody who is away is connected");
  if (!until) fail("a seat has no end");
  if (until && *until > now() + grace_s_ * 1'000) fail("a seat outlives its grace");
}

void world::settle() {
  mend_journals();
  come_to_rest();
  is_at_rest_ = true;
  leave_all();
  if (shards_ > 1 && !is_stopping_ && draining_ == 0) create_all_sessions();
  for (const auto& core : host_->engines()) {
    for (const measurement& m : core->measure(now())) {
      if (!m.is_counter && m.value != 0) fail("something is left: " + std::string(m.name));
    }
  }
  if (host_->next_stop()) fail("a deadline is left");
  if (!users_.empty()) fail("somebody is left");
  if (!lost_.empty()) fail("a lost WebSocket was not found out");
  for (const auto& core : host_->engines()) {
    const std::string left = core->snapshot();
    if (left != jam::make_engine(options_)->snapshot()) fail("something is left: " + left);
  }
  is_at_rest_ = false;
}

void world::leave_all() {
  for (device& d : devices_) {
    if (d.by != transport_kind::none) drop(d);
  }
  deliver_all();
  check();
  // Dropped devices on polling are found out by their pings, and closed ones linger.
  pass_time(20'000);
}

/// However often shards have lent each other what they may create, all of it is still there.
void world::create_all_sessions() {
  while (!to_reload_.empty()) reload_next();
  // What was tried before must not count.
  pass_time(60'000);
  const auto count = static_cast<std::size_t>(options_.session.max_sessions);
  for (std::size_t i = 0; i <= count && failure_.empty(); ++i) {
    device& d = devices_[i];
    d.reset();
    d.opened_at = now();
    d.address = addresses[i % addresses.size()];
    d.by = transport_kind::websocket;
    d.websocket = ++last_id_;
    ask_for_websocket(d, d.websocket, websocket_query);
    send_packet(d, "40");
    send_packet(d, "42[\"session:create\",{\"name\":\"Ada\"}]");
    deliver_all();
    // Each time that the limit is lowered, rounding may cost a shard one, and one that is lent just
    // then may be counted twice.
    const auto unsure = static_cast<std::size_t>(sessions_lost_);
    const bool is_sure = i + unsure < count || i >= count + unsure;
    if (is_sure && d.room.has_value() != (i < count)) {
      fail("the limit of sessions is another one by now");
    }
  }
  leave_all();
}

void world::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
}

std::string world::some_room() {
  // Mostly one that is there, since those that are not are found out soon.
  if (below(4) != 0) {
    if (const auto& room = devices_[place_in(devices_.size())].room) return *room;
  }
  if (codes_.empty() || below(12) == 0) return "NOWHERE-99";
  std::string code = codes_[place_in(codes_.size())];
  if (below(4) == 0) {
    for (char& c : code) c = c == '-' ? ' ' : static_cast<char>(c | 0x20);
  }
  return code;
}

std::string world::some_name() {
  static constexpr std::array<std::string_view, 6> names = {
      "Ada", "Béla", "  Cleo ", "Dizzy 🎺", "Ella", "a name of more than thirty-two characters",
  };
  return std::string(names[place_in(names.size())]);
}

entropy world::draw() {
  entropy fresh;
  for (auto& byte : fresh) byte = static_cast<std::uint8_t>(chance_.bits());
  return fresh;
}

}  // namespace downbeat::simulation
