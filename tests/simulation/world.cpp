#include "simulation/world.hpp"

#include "engineio/payload.hpp"
#include "jam/make_engine.hpp"
#include "support/session_invariants.hpp"
#include "support/tight_options.hpp"
#include "trace/fact.hpp"
#include "trace/order.hpp"
#include "trace/player.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::simulation {
namespace {

const std::string polling_query = "EIO=4&transport=polling";
const std::string websocket_query = "EIO=4&transport=websocket";
constexpr std::string_view address = "192.0.2.1";

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

bool is_between_shards(const output::any& order) {
  return std::holds_alternative<output::tell_shard>(order) ||
         std::holds_alternative<output::move_connection>(order) ||
         std::holds_alternative<output::forward_request>(order) ||
         std::holds_alternative<output::forward_websocket>(order);
}

}  // namespace

world::world(chance decides, shard_index shards)
    : chance_(decides), shards_(shards), options_(test::tight_options()) {
  start();
}

void world::start() {
  server_.emplace(options_, shards_);
  office_.emplace(shards_,
                  [this](shard_index where, const input::any& fact) { handle(where, fact); });
  deadlines_.assign(shards_, std::nullopt);
  draining_ = 0;
  is_stopping_ = false;
  is_at_rest_ = false;
}

std::uint64_t world::digest_value() const {
  digest all = digest_;
  for (const auto& core : server_->engines) all.add(core->snapshot());
  return all.value();
}

std::string world::trace_header() const {
  return trace::write_header(options_);
}

// What chance decides.

void world::step() {
  carry_mail();
  if (const auto rare = below(250); rare < 3) {
    if (rare == 0) oversleep();
    if (rare == 1) come_to_rest();
    if (rare == 2 && below(12) == 0) below(2) == 0 ? restart() : drain_or_restart();
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
  if (d.by == carrier::none) return connect(d);
  const bool is_posting = d.post && !d.is_body_sent;
  if (is_posting && below(2) == 0) return finish_post(d);
  if (!d.outbox.empty() && (!d.post || is_posting)) return flush(d);
  if (d.by == carrier::polling && !d.poll && below(4) != 0) return poll(d);
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
    case 9:
      if (below(12) == 0) return flood(d);
      break;
    default: break;
  }
  if (d.id.empty()) return send_packet(d, "40");
  send_event(d);
}

void world::connect(device& d) {
  d.reset();
  d.opened_at = now_;
  d.last_sent = now_;
  if (below(2) == 0) {
    d.by = carrier::websocket;
    d.websocket = ++last_id_;
    return ask_for_websocket(d.websocket, websocket_query);
  }
  d.by = carrier::polling;
  d.poll = ++last_id_;
  ask(*d.poll, http_method::get, polling_query);
}

void world::poll(device& d) {
  d.poll = ++last_id_;
  d.last_sent = now_;
  ask(*d.poll, http_method::get, polling_query + "&sid=" + d.sid);
}

void world::send_packet(device& d, std::string_view packet) {
  d.last_sent = now_;
  if (d.by == carrier::websocket) return tell(input::frame_received{d.websocket, false, packet});
  d.outbox.emplace_back(packet);
  if (below(3) != 0) flush(d);
}

void world::send_event(device& d) {
  const std::string name = some_name();
  switch (below(12)) {
    case 0: return send_packet(d, "42[\"session:create\",{\"name\":\"" + name + "\"}]");
    case 1:
      return send_packet(
          d, "425[\"session:create\",{\"name\":\"" + name + "\",\"instrument\":\"drums\"}]");
    case 2:
    case 3:
    case 4:
      return send_packet(d, "429[\"session:join\",{\"roomCode\":\"" + some_room() +
                                "\",\"name\":\"" + name + "\"}]");
    case 5:
      if (below(2) == 0) return;
      return send_packet(
          d, "427[\"session:leave\",{\"roomCode\":\"" + d.room.value_or("NOWHERE-99") + "\"}]");
    case 6: return send_packet(d, "42[\"session:update\",{\"name\":\"" + name + "\"}]");
    case 7:
      send_packet(d,
                  "451-[\"session:event\",{\"type\":\"wave\",\"data\":{\"_placeholder\":true,"
                  "\"num\":0}}]");
      if (d.by == carrier::websocket) {
        tell(input::frame_received{d.websocket, true, std::string_view("\x01\x02\xff", 3)});
      } else if (d.by == carrier::polling) {
        d.outbox.emplace_back("bAQL/");
        flush(d);
      }
      return;
    default:
      return send_packet(d, "42[\"session:event\",{\"type\":\"note\",\"data\":{\"pitch\":" +
                                std::to_string(below(128)) + ",\"velocity\":0.5}}]");
  }
}

/// Far more at once than any rate allows.
void world::flood(device& d) {
  for (std::uint64_t left = 10 + below(50); left > 0 && d.is_connected(); --left) send_event(d);
}

void world::send_garbage(device& d) {
  d.has_misbehaved = true;
  d.last_sent = now_;
  std::string text(garbage[place_in(garbage.size())]);
  if (below(2) == 0) text = '4' + text;
  if (below(4) == 0) text = "42[\"session:event\",{\"type\":\"note\",\"data\":[1,2,3]}]";
  if (!text.empty() && below(3) == 0) text.resize(place_in(text.size()));
  if (!text.empty() && below(3) == 0) text[place_in(text.size())] = static_cast<char>(below(256));
  if (d.by == carrier::websocket) {
    if (below(12) == 0) return tell(input::frame_too_large{d.websocket});
    return tell(input::frame_received{d.websocket, below(6) == 0, text});
  }
  d.outbox.push_back(text);
  flush(d);
}

void world::upgrade(device& d) {
  if (d.by != carrier::polling || d.sid.empty()) return;
  switch (d.upgrade) {
    case move::none: {
      d.upgrade = move::asked;
      d.upgrade_websocket = ++last_id_;
      return ask_for_websocket(d.upgrade_websocket, websocket_query + "&sid=" + d.sid);
    }
    case move::asked: return;
    case move::opened:
      d.last_sent = now_;
      return tell(
          input::frame_received{d.upgrade_websocket, false, below(20) == 0 ? "2what" : "2probe"});
    case move::probed: {
      // A client pauses: it waits for its GET and its POST to end.
      if (d.poll || d.post || !d.outbox.empty()) return;
      d.last_sent = now_;
      const transport_id via = d.upgrade_websocket;
      d.by = carrier::websocket;
      d.websocket = via;
      d.upgrade = move::none;
      return tell(input::frame_received{via, false, "5"});
    }
  }
}

/// Only the WebSocket dies, at whatever stage; polling goes on.
void world::lose_upgrade(device& d) {
  if (d.by != carrier::polling || d.upgrade == move::none) return;
  d.upgrade = move::none;
  tell(input::transport_closed{d.upgrade_websocket});
}

void world::drop(device& d) {
  const device gone = d;
  d.reset();
  if (gone.upgrade != move::none) tell(input::transport_closed{gone.upgrade_websocket});
  if (gone.post && posts_.erase(*gone.post) != 0) tell(input::request_aborted{*gone.post});
  if (gone.by == carrier::websocket) return tell(input::transport_closed{gone.websocket});
  if (gone.poll) return tell(input::request_aborted{*gone.poll});
  if (below(2) == 0) {
    const request_id post = ++last_id_;
    ask(post, http_method::post, polling_query + "&sid=" + gone.sid);
    tell(input::body_received{post, "1"});
  }
}

/// Its cable is cut, and nobody hears of it: what is open stays open until the server finds out.
void world::vanish(device& d) {
  if (d.upgrade != move::none) lost_.insert(d.upgrade_websocket);
  if (d.by == carrier::websocket) lost_.insert(d.websocket);
  d.reset();
}

void world::flush(device& d) {
  if (d.by == carrier::websocket) {
    const std::vector<std::string> packets = std::exchange(d.outbox, {});
    for (const std::string& packet : packets) {
      if (d.by != carrier::websocket) return;
      d.last_sent = now_;
      tell(input::frame_received{d.websocket, false, packet});
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
  d.last_sent = now_;
  const request_id post = ++last_id_;
  d.post = post;
  d.is_body_sent = false;
  posts_[post] = static_cast<std::size_t>(&d - devices_.data());
  ask(post, http_method::post, polling_query + "&sid=" + d.sid);
  // The body may take its time, and much may happen before it is there.
  if (d.post && below(4) != 0) finish_post(d);
}

void world::finish_post(device& d) {
  const request_id post = *d.post;
  const std::string body = std::exchange(d.body, {});
  d.last_sent = now_;
  if (d.has_misbehaved && below(6) == 0) {
    d.post.reset();
    posts_.erase(post);
    return tell(input::request_aborted{post});
  }
  // It may be a while until it is answered, if it has to go from shard to shard.
  d.is_body_sent = true;
  tell(input::body_received{post, body});
  if (d.post == post && !office_->is_open(post)) d.post.reset();
}

std::optional<instant_ms> world::deadline() const {
  std::optional<instant_ms> soonest;
  for (const auto& each : deadlines_) {
    if (each && (!soonest || *each < *soonest)) soonest = each;
  }
  return soonest;
}

void world::reach_deadlines() {
  for (shard_index i = 0; i < shards_; ++i) {
    if (deadlines_[i] && *deadlines_[i] <= now_) handle(i, input::deadline_reached{});
  }
}

void world::pass_time(std::int64_t ms) {
  const instant_ms end = now_ + ms;
  while (failure_.empty()) {
    const auto next = deadline();
    if (!next || *next > end) break;
    now_ = std::max(now_, *next);
    reach_deadlines();
    answer_pings();
    if (is_at_rest_) deliver_all();
  }
  now_ = end;
}

/// The host stands still, and with it the deadlines. What has come meanwhile is heard first: who
/// has answered must not pay for it.
void world::oversleep() {
  if (const auto next = deadline(); next && below(2) == 0) {
    now_ = std::max(now_, *next);
    reach_deadlines();
  }
  now_ += static_cast<std::int64_t>(below(6)) * 2'000;
  answer_pings();
  for (shard_index i = 0; i < shards_; ++i) handle(i, input::deadline_reached{});
  answer_pings();
}

void world::answer_pings() {
  for (device& d : devices_) {
    if (d.by == carrier::websocket) flush(d);
  }
}

/// Everybody hears and says what there is, without any time going by. Then all agree.
void world::come_to_rest() {
  bool is_quiet = false;
  for (int round = 0; round < 50 && !is_quiet && failure_.empty(); ++round) {
    is_quiet = true;
    deliver_all();
    for (device& d : devices_) {
      if (d.by == carrier::none) continue;
      if (d.post || !d.outbox.empty()) {
        flush(d);
        is_quiet = false;
      }
      if (d.by != carrier::polling || d.poll || d.sid.empty()) continue;
      poll(d);
      is_quiet = is_quiet && d.poll;
    }
    is_quiet = is_quiet && !office_->has_mail();
  }
  if (!is_quiet) return;
  for (const device& d : devices_) {
    if (d.by == carrier::polling && d.is_connected() && !d.has_misbehaved) check_picture(d);
  }
  for (const session::directory* sessions : server_->sessions()) {
    for (const session::room* room : sessions->rooms()) {
      if (room->held_seats != 0) fail("a seat is held for nobody");
    }
  }
}

/// The server will stop soon: its shards hear of it one after another, and then it is stopped.
void world::drain_or_restart() {
  if (draining_ == shards_) return restart();
  handle(draining_++, input::drain_requested{1'000});
}

/// The server is stopped in the middle of it all, and another one is started.
void world::restart() {
  is_stopping_ = true;
  for (shard_index i = 0; i < shards_; ++i) {
    carry_mail();
    handle(i, input::shutdown_requested{});
  }
  deliver_all();
  if (!lost_.empty()) fail("a lost WebSocket outlived the server");
  for (device& d : devices_) {
    if (d.by == carrier::websocket) fail("a client was not told that the server stops");
    if (d.by == carrier::none) {
      connect(d);
      if (d.by != carrier::none) fail("a server that stops took a client");
    }
    // The last words come before the close.
    for (int i = 0; i < 2 && d.by == carrier::polling && !d.poll; ++i) {
      poll(d);
      deliver_all();
    }
    if (d.by == carrier::polling && !d.has_misbehaved) {
      fail("a client on polling was not told that the server stops");
    }
  }
  settle();
  if (!failure_.empty()) return;
  start();
  lost_.clear();
  posts_.clear();
  codes_.clear();
}

// What goes to the server.

void world::ask_for_websocket(transport_id transport, const std::string& query) {
  const shard_index where = some_shard();
  office_->ask_for_websocket(where, transport,
                             {http_method::get, query, {}, {}, std::string(address), draw()});
}

void world::ask(request_id request, http_method method, const std::string& query) {
  const shard_index where = some_shard();
  office_->ask(where, request, {method, query, {}, {}, std::string(address), draw()});
}

/// Some letters arrive; at times none for a while.
void world::carry_mail() {
  if (shards_ == 1) return;
  if (below(50) == 0) pace_of_mail_ = below(4);
  for (auto left = below(pace_of_mail_ + 1); left > 0; --left) deliver_one();
}

void world::deliver_one() {
  const auto ways = office_->ways();
  if (ways.empty()) return;
  const auto& [from, to] = ways[place_in(ways.size())];
  office_->deliver(from, to);
}

void world::deliver_all() {
  for (int i = 0; office_->has_mail() && failure_.empty(); ++i) {
    if (i == 10'000) return fail("the shards talk without end");
    deliver_one();
  }
}

// One fact, and all that follows.

void world::note(shard_index where, std::string_view line) {
  if (shards_ == 1) return on_line_(line);
  on_line_('[' + std::to_string(where) + "] " + std::string(line));
}

void world::handle(shard_index where, const input::any& fact) {
  ++steps_;
  if (on_line_) note(where, trace::write_fact(now_, fact));
  engine& core = *server_->engines[where];
  core.handle(now_, fact);
  for (;;) {
    output::any order = core.poll_output();
    if (on_line_) note(where, trace::write_order(now_, order));
    if (const auto* wait = std::get_if<output::wait_until>(&order)) {
      deadlines_[where] = wait->deadline;
      digest_.add(static_cast<std::uint64_t>(wait->deadline.value_or(-1)));
      return;
    }
    digest_.add(static_cast<std::uint64_t>(order.index()));
    carry_out(where, order);
  }
}

/// Orders for other shards become letters.
void world::carry_out(shard_index where, output::any& order) {
  if (shards_ > 1) digest_.add(std::uint64_t{where});
  const std::string line = is_between_shards(order) ? trace::write_order(now_, order) : "";
  if (office_->take(where, order)) {
    take_down(line);
  } else {
    carry_out(order);
  }
  if (!office_->complaint().empty()) fail(office_->complaint());
}

void world::take_down(std::string_view text) {
  // With its length, so that no byte can move unseen from one text to the next.
  digest_.add(static_cast<std::uint64_t>(text.size()));
  digest_.add(text);
}

void world::carry_out(const output::any& order) {
  if (const auto* send = std::get_if<output::send_frame>(&order)) {
    digest_.add(send->transport);
    digest_.add(static_cast<std::uint64_t>(send->data.is_binary()));
    take_down(send->data.bytes());
    if (lost_.count(send->transport) != 0) return;
    device* d = device_of_transport(send->transport);
    if (d == nullptr) {
      // Its peer went while it was on the way, and the shard is about to learn that.
      if (office_->is_leaving(send->transport)) return;
      return fail("a message went to a transport that is gone");
    }
    if (send->data.is_binary()) return;
    if (d->by == carrier::polling) {
      // On the WebSocket that is to take over, only the probe is answered.
      if (send->data.bytes() != "3probe") return fail("a message came before the upgrade");
      d->upgrade = move::probed;
      return;
    }
    d->hear(send->data.bytes());
  } else if (const auto* close = std::get_if<output::close_transport>(&order)) {
    digest_.add(close->transport);
    digest_.add(static_cast<std::uint64_t>(close->code));
    if (lost_.erase(close->transport) != 0) return;
    device* d = device_of_transport(close->transport);
    if (d == nullptr) return;  // of one that went while it was on the way
    if (d->by == carrier::polling) {
      d->upgrade = move::none;
      return;
    }
    const bool is_late =
        d->id.empty() && now_ - d->opened_at >= options_.socketio.connect_timeout_ms;
    if (!d->has_misbehaved && !d->is_silent && !is_late && !is_stopping_) {
      fail("a good client was closed");
    }
    leave(*d);
  } else if (const auto* respond = std::get_if<output::respond>(&order)) {
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
          now_ - d->last_sent >= 0 && now_ - d->opened_at >= options_.engineio.ping_timeout_ms;
      const bool is_unwelcome = is_stopping_ || (draining_ > 0 && d->sid.empty());
      if (!d->has_misbehaved && !d->is_silent && !is_behind && !is_unwelcome) {
        fail("a good client was refused");
      }
      return leave(*d);
    }
    hear_response(*d, respond->body);
  } else if (const auto* accept = std::get_if<output::accept_websocket>(&order)) {
    digest_.add(accept->transport);
    device* d = device_of_transport(accept->transport);
    if (d != nullptr && d->upgrade == move::asked) d->upgrade = move::opened;
  } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&order)) {
    digest_.add(refuse->transport);
    digest_.add(static_cast<std::uint64_t>(refuse->status));
    take_down(refuse->content_type);
    take_down(refuse->body);
    if (lost_.erase(refuse->transport) != 0) return;
    device* d = device_of_transport(refuse->transport);
    if (d != nullptr && d->by == carrier::polling) d->upgrade = move::none;
    if (d != nullptr && d->by == carrier::websocket) {
      if (!is_stopping_ && draining_ == 0) fail("a good client was refused");
      d->reset();
    }
  } else if (const auto* cut = std::get_if<output::cut_request>(&order)) {
    digest_.add(cut->request);
    forget_post(cut->request);
  } else if (const auto* report = std::get_if<output::report>(&order)) {
    const notice& line = *report->what;
    take_down(to_string(line.what));
    for (const std::string* field :
         {&line.room, &line.user, &line.name, &line.reason, &line.address}) {
      take_down(*field);
    }
    if (report->what->what == notice::kind::client_connected &&
        !users_.insert(report->what->user).second) {
      fail("two clients have the same id");
    }
    if (report->what->what == notice::kind::client_disconnected) users_.erase(report->what->user);
    if (report->what->what == notice::kind::session_created) {
      codes_.push_back(report->what->room);
      if (codes_.size() > 16) codes_.erase(codes_.begin());
    }
  }
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
  // One that has not even been let in is given up.
  if (gone.upgrade == move::asked && office_->is_travelling(gone.upgrade_websocket)) {
    return tell(input::transport_closed{gone.upgrade_websocket});
  }
  fail("a WebSocket outlived its session: " + std::to_string(gone.upgrade_websocket));
}

device* world::device_of_transport(transport_id transport) {
  for (device& d : devices_) {
    if (d.by == carrier::websocket && d.websocket == transport) return &d;
    if (d.by == carrier::polling && d.upgrade != move::none && d.upgrade_websocket == transport) {
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
    // Garbage may be anything, a farewell too: its sender knows no longer where it stands.
    if (d.has_misbehaved) continue;
    if (!d.complaint.empty()) fail("a client " + d.complaint);
    // Whoever is on the way to another session has left the one before, and will be told.
    if (d.by == carrier::websocket && d.is_connected() && !office_->is_travelling(d.websocket)) {
      check_picture(d);
    }
  }
  check_rooms();
}

const session::room* world::room_of(const session::user_id& user) const {
  for (const session::directory* sessions : server_->sessions()) {
    if (const session::room* room = sessions->room_of(user)) return room;
  }
  return nullptr;
}

void world::check_picture(const device& d) {
  const session::room* room = room_of(d.id);
  if (room == nullptr) {
    if (d.room) fail("a client believes to be in a session that it is not in");
    return;
  }
  if (d.room != room->code) return fail("a client believes to be in another session");
  if (d.host != room->host()) fail("a client believes in another host");
  const bool is_equal = std::equal(
      d.members.begin(), d.members.end(), room->participants.begin(), room->participants.end(),
      // Nobody is told how they called themselves.
      [&](const auto& a, const auto& b) { return a == b || (a.id == b.id && a.id == d.id); });
  if (!is_equal) fail("a client's list differs from the server's");
}

void world::check_rooms() {
  std::int64_t all_sessions = 0;
  std::set<std::string_view> all_seated;
  for (const session::directory* sessions : server_->sessions()) {
    std::int64_t seated = 0;
    all_sessions += sessions->session_count();
    for (const session::room* room : sessions->rooms()) {
      const auto count = static_cast<std::int64_t>(room->participants.size());
      if (count + room->held_seats == 0) fail("a session is empty");
      if (count + room->held_seats > options_.session.max_participants)
        fail("a session is too full");
      for (const session::participant& who : room->participants) {
        if (sessions->room_of(who.id) != room) fail("somebody is said to be elsewhere");
        if (!all_seated.insert(who.id).second) fail("somebody is in two sessions");
        if (users_.count(who.id.str()) == 0) fail("somebody in a session is not connected");
      }
      seated += count;
    }
    if (seated != sessions->participant_count()) fail("participants are miscounted");
  }
  if (all_sessions > options_.session.max_sessions) fail("there are too many sessions");
  // All that can be said of the state is too much to say after every step.
  if (steps_ % 64 != 0) return;
  for (const auto& core : server_->engines) take_down(core->snapshot());
  std::string broken =
      session::test::broken_invariant(server_->sessions(), options_.session,
                                      std::vector<session::user_id>(users_.begin(), users_.end()));
  if (!broken.empty()) fail(std::move(broken));
}

void world::settle() {
  come_to_rest();
  is_at_rest_ = true;
  leave_all();
  if (shards_ > 1 && !is_stopping_ && draining_ == 0) create_all_sessions();
  for (const auto& core : server_->engines) {
    for (const measurement& m : core->measure()) {
      if (!m.is_counter && m.value != 0) fail("something is left: " + std::string(m.name));
    }
  }
  if (deadline()) fail("a deadline is left");
  if (!users_.empty()) fail("somebody is left");
  if (!lost_.empty()) fail("a lost WebSocket was not found out");
  for (const auto& core : server_->engines) {
    const std::string left = core->snapshot();
    if (left != jam::make_engine(options_)->snapshot()) fail("something is left: " + left);
  }
  is_at_rest_ = false;
}

void world::leave_all() {
  for (device& d : devices_) {
    if (d.by != carrier::none) drop(d);
  }
  deliver_all();
  check();
  // Dropped devices on polling are found out by their pings, and closed ones linger.
  pass_time(20'000);
}

/// However often shards have lent each other what they may create, all of it is still there.
void world::create_all_sessions() {
  // What was tried before must not count.
  pass_time(60'000);
  const auto count = static_cast<std::size_t>(options_.session.max_sessions);
  for (std::size_t i = 0; i <= count && failure_.empty(); ++i) {
    device& d = devices_[i];
    d.reset();
    d.opened_at = now_;
    d.by = carrier::websocket;
    d.websocket = ++last_id_;
    ask_for_websocket(d.websocket, websocket_query);
    send_packet(d, "40");
    send_packet(d, "42[\"session:create\",{\"name\":\"Ada\"}]");
    deliver_all();
    if (d.room.has_value() != (i < count)) fail("the limit of sessions is another one by now");
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
