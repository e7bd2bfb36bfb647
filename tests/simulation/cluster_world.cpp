#include "simulation/cluster_world.hpp"

#include "jam/application.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "socketio/server.hpp"
#include "trace/input_line.hpp"
#include "trace/output_line.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace downbeat::simulation {
namespace {

constexpr std::int64_t lease_ms = 1'500;
constexpr std::int64_t wall_ms_at_0 = 1'800'000'000'000;
/// The engines look again at a seat that another node should have ended.
constexpr std::int64_t end_patience_ms = 5'000;

constexpr std::array<std::string_view, 5> names = {"a", "b", "c", "d", "e"};

std::string string_of(std::optional<std::string_view> literal) {
  if (!literal || json::kind_of(*literal) != json::kind::string) return {};
  return json::decode_string(*literal).value_or(std::string());
}

jam::options make_options(std::int64_t grace_s) {
  jam::options of;
  of.journal = jam::journal_kind::host;
  of.reconnect_grace_s = grace_s;
  of.seat_hold_s = 1;
  of.engineio.ping_interval_ms = 1'000;
  of.engineio.ping_timeout_ms = 800;
  of.socketio.max_connects_per_minute = 0;
  of.session.max_participants = 4;
  of.max_events_per_second = 0;
  of.max_joins_per_minute = 0;
  of.max_joins_per_minute_by_address = 0;
  of.max_failed_joins_per_minute = 0;
  of.max_failed_joins_per_hour_by_address = 0;
  of.max_failed_joins_per_day = 0;
  return of;
}

}  // namespace

cluster_world::process::process(cluster_world& in, std::size_t where, node_id self)
    : world(in),
      place(where),
      server(in.options_, in.shards_),
      host(std::move(server.engines), *this),
      node({self, std::string(names[where]), lease_ms}, in.redis_, host,
           [&in](node_id from, output::relay what) {
             for (const node_id to : what.to) in.relays_[{from, to}].push_back(what.message);
           }) {
  host.sleep_until(in.now());
  disturbed_at = in.now();
}

void cluster_world::process::carry_out(shard_index, output::any& what) {
  world.hear(*this, what);
}

void cluster_world::process::on_complaint(const std::string& what) {
  world.fail(what);
}

void cluster_world::process::on_output(shard_index where, const output::any& what) {
  if (std::holds_alternative<output::wait_until>(what)) return;
  const std::string line = trace::write_output(host.now(), what);
  world.digest_.add(line);
  if (world.on_line_) {
    world.say(std::string(names[place]) + std::to_string(where) + " > " + line);
  }
}

void cluster_world::process::on_input(shard_index where, const input::any& what) {
  if (!world.on_line_) return;
  world.say(std::string(names[place]) + std::to_string(where) + " < " +
            trace::write_input(host.now(), what));
}

cluster_world::cluster_world(chance decides, shard_index shards, std::int64_t reconnect_grace_s)
    : chance_(decides), shards_(shards), options_(make_options(reconnect_grace_s)) {
  for (std::size_t i = 0; i < node_count; ++i) start(i);
}

cluster_world::~cluster_world() = default;

// What chance decides.

void cluster_world::step() {
  ++steps_;
  carry_some();
  const auto what = below(400);
  if (what < 2) {
    rest();
  } else if (what < 8) {
    change_nodes();
  } else if (what < 16) {
    change_redis();
  } else if (what < 80) {
    pass_time(static_cast<std::int64_t>(below(below(8) == 0 ? 1'500 : 60)));
  } else {
    act(clients_[place_in(clients_.size())]);
  }
  check();
}

void cluster_world::act(client& c) {
  device& d = c.view;
  if (d.by == transport_kind::none) return connect(c);
  // What it sends waits in the network.
  if (awake(c.at) == nullptr) return below(6) == 0 ? drop(c) : void();
  flush(c);
  if (d.by == transport_kind::none) return;
  switch (below(60)) {
    case 0:
    case 1: return drop(c);
    case 2: return vanish(c);
    case 3:
      if (d.id.empty()) return;
      c.moved_at = now();
      ++d.connects;
      d.may_be_closed = true;
      send(c, "41");
      if (d.by != transport_kind::none) d.leave_namespace();
      return;
    default: break;
  }
  if (!d.id.empty()) return send_event(c);
  // The answer to a CONNECT may be held up.
  if (d.sid.empty() || (d.connects > 0 && d.may_be_closed && below(20) != 0)) return;
  send_connect(c);
}

void cluster_world::connect(client& c) {
  const std::size_t place = place_in(node_count);
  process* const to = awake(place);
  if (to == nullptr || !to->node.is_started()) return;
  device& d = c.view;
  d.reset();
  c.at = place;
  c.moved_at = now();
  d.opened_at = now();
  d.last_sent = now();
  d.address = "192.0.2.1";
  d.by = transport_kind::websocket;
  d.websocket = ++last_id_;
  const auto where = static_cast<shard_index>(below(shards_));
  to->host.peers().ask_for_websocket(
      where, d.websocket,
      {http_method::get, "EIO=4&transport=websocket", {}, {}, std::string(d.address), draw()});
  if (d.by != transport_kind::none && below(4) != 0) send_connect(c);
}

/// Mostly to come back, and at times with a secret of another device.
void cluster_world::send_connect(client& c) {
  device& d = c.view;
  const device& whose = below(10) == 0 ? clients_[place_in(clients_.size())].view : d;
  std::string auth;
  const auto add = [&](std::string_view name, const std::string& value) {
    auth += auth.empty() ? '{' : ',';
    auth.append("\"").append(name).append("\":").append(value);
  };
  if (options_.reconnect_grace_s != 0) {
    if (!whose.pid.empty() && below(5) != 0) add("pid", '"' + whose.pid + '"');
    if (!whose.token.empty() && below(4) == 0) add("resumeToken", '"' + whose.token + '"');
    if (below(3) == 0) add("resume", "true");
    if (below(3) == 0) add("recovery", "true");
    if (!d.offset.empty() && below(4) != 0) add("offset", '"' + d.offset + '"');
  }
  c.moved_at = now();
  d.may_be_closed = true;
  ++d.connects;
  send(c, auth.empty() ? "40" : "40" + auth + '}');
}

void cluster_world::send_request(client& c, const std::string& ack, const std::string& name,
                                 const std::string& members) {
  device& d = c.view;
  c.moved_at = now();
  std::string request = "42" + ack + "[\"" + name + "\",{" + members + ",\"requestId\":\"" +
                        std::to_string(++last_id_) + "\"}]";
  // It is remembered for the seat: who has none any more makes another session by the same request,
  // while somebody else may have the first one by its secret.
  const bool comes_again = !d.last_request.empty() && below(8) == 0;
  if (comes_again && c.requested_by == d.id) request = d.last_request;
  c.requested_by = d.id;
  // What it does after it has left is not undone if the leave comes again.
  d.last_request = name == "session:leave" ? std::string() : request;
  send(c, request);
}

void cluster_world::send_event(client& c) {
  device& d = c.view;
  const auto kind = below(24);
  // Most who are in a session stay there for a while.
  if (kind < 1 || (kind < 6 && !d.room)) {
    // No two sessions are created by the same name.
    return send_request(c, "5", "session:create",
                        "\"name\":\"" + std::to_string(++last_id_) + some_name() + '"');
  }
  if (kind < 2 || (kind < 16 && !d.room)) {
    // One draw after the other: compilers choose the order within an expression.
    const std::string room = some_room();
    return send_request(c, "9", "session:join",
                        "\"roomCode\":\"" + room + "\",\"name\":\"" + some_name() + '"');
  }
  if (kind == 2) {
    return send_request(c, "7", "session:leave",
                        "\"roomCode\":\"" + d.room.value_or("NOWHERE-99") + '"');
  }
  if (kind < 5) {
    const instant_ms moved_at = c.moved_at;
    send_request(c, "", "session:update", "\"name\":\"" + some_name() + '"');
    c.moved_at = moved_at;
    return;
  }
  if (kind == 5) {
    send(c, R"(451-["session:event",{"type":"wave","data":{"_placeholder":true,"num":0}}])");
    if (d.by == transport_kind::none) return;
    places_[c.at]->host.peers().give(input::frame_received{d.websocket, true, "\x01\xff"});
    return;
  }
  send(c, "42[\"session:event\",{\"type\":\"note\",\"data\":{\"pitch\":" +
              std::to_string(below(128)) + "}}]");
}

void cluster_world::drop(client& c) {
  const transport_id transport = c.view.websocket;
  process& at = *places_[c.at];
  c.view.reset();
  if (at.asleep_until) {
    at.closed_asleep.push_back(transport);
    lost_.insert(transport);
  } else {
    close(at, transport);
  }
}

void cluster_world::close(process& at, transport_id transport) {
  // On its way to another shard, which learns of that when it has arrived.
  if (at.host.peers().is_in_transit(transport)) lost_.insert(transport);
  at.host.peers().give(input::transport_closed{transport});
}

/// Its cable is cut without any notification: the connection stays open until the node notices.
void cluster_world::vanish(client& c) {
  lost_.insert(c.view.websocket);
  c.view.reset();
}

void cluster_world::change_nodes() {
  const std::size_t place = place_in(node_count);
  const auto& there = places_[place];
  if (!there) return start(place);
  const auto running = static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [](const auto& one) { return one != nullptr; }));
  switch (below(8)) {
    case 0:
      if (running > 1 || below(4) == 0) kill(place);
      return;
    case 1:
      if (running > 1 || below(4) == 0) stop(place);
      return;
    case 2:
    case 3:
    case 4: {
      if (there->asleep_until) return;
      const auto ms = static_cast<std::int64_t>(below(4 * static_cast<std::uint64_t>(lease_ms)));
      there->asleep_until = now() + ms;
      disturb(*there);
      return say(std::string(names[place]) + " sleeps for " + std::to_string(ms));
    }
    case 5:
      there->node.link().is_cut = !there->node.link().is_cut;
      disturb(*there);
      return say(std::string(names[place]) + " is cut off, or no more");
    default: loses_relays_ = below(4) == 0; return;
  }
}

void cluster_world::change_redis() {
  const std::size_t place = place_in(node_count);
  const auto& there = places_[place];
  switch (below(10)) {
    case 0:
    case 1:
    case 2:
      is_redis_away_ = !is_redis_away_;
      is_redis_away_ ? redis_.stop() : redis_.start();
      return say(is_redis_away_ ? "Redis is away" : "Redis is back");
    case 3:
      redis_hangs_until_ = now() + static_cast<std::int64_t>(below(2 * lease_ms));
      return say("Redis hangs until " + std::to_string(redis_hangs_until_));
    case 4: {
      const std::size_t lost = place_in(5);
      redis_.fail_over(lost);
      has_redis_lost_ = true;
      return say("Redis loses its last writes: " + std::to_string(lost));
    }
    case 5:
      if (below(3) == 0) {
        redis_.empty(below(2) == 0);
        has_redis_lost_ = true;
        say("Redis is emptied");
      }
      return;
    case 6: redis_.is_full = !redis_.is_full; return say("Redis is full, or no more");
    case 7:
      if (there) there->node.link().loses_published = !there->node.link().loses_published;
      return;
    case 8:
      if (there) there->node.link().answers_left = place_in(3);
      return;
    default:
      if (there) there->node.link().disconnect();
      return;
  }
}

/// Some of what waits goes on, in any order.
void cluster_world::carry_some() {
  for (std::uint64_t left = below(8); left > 0; --left) {
    const auto kind = below(5);
    if (kind == 4) {
      if (!relays_.empty()) deliver_relay(place_in(relays_.size()));
      continue;
    }
    process* const one = awake(place_in(node_count));
    if (one == nullptr) continue;
    if (kind == 0 && now() >= redis_hangs_until_) one->node.append_some(1 + place_in(4));
    if (kind == 1 || kind == 2) one->node.update_one(static_cast<shard_index>(below(shards_)));
    if (kind == 3) one->node.receive_one();
    one->host.deliver_one([this](std::size_t ways) { return place_in(ways); });
  }
}

bool cluster_world::deliver_relay(std::size_t which) {
  const auto found = std::next(relays_.begin(), static_cast<std::ptrdiff_t>(which));
  process* const to = process_of(found->first.second);
  if (to != nullptr && to->asleep_until) return false;
  const node_id from = found->first.first;
  const std::string message = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) relays_.erase(found);
  if (to != nullptr && !(loses_relays_ && below(2) == 0)) to->node.receive_relay(from, message);
  return true;
}

// Nodes.

cluster_world::process* cluster_world::awake(std::size_t place) const {
  process* const one = places_[place].get();
  return one == nullptr || one->asleep_until ? nullptr : one;
}

cluster_world::process* cluster_world::process_of(node_id node) const {
  for (const auto& one : places_) {
    if (one && one->node.self() == node) return one.get();
  }
  return nullptr;
}

void cluster_world::start(std::size_t place) {
  node_id self = 0;
  while (self == 0 || !used_ids_.insert(self).second) self = 1 + chance_.bits() % 9'000;
  places_[place] = std::make_unique<process>(*this, place, self);
  say(std::string(names[place]) + " starts as " + std::to_string(self));
  for (shard_index i = 0; i < shards_; ++i) {
    places_[place]->host.handle(i, input::clock{wall_ms_at_0 + now()});
  }
}

void cluster_world::kill(std::size_t place) {
  say(std::string(names[place]) + " is killed");
  for (client& c : clients_) {
    if (c.view.by != transport_kind::none && c.at == place) c.view.reset();
  }
  places_[place].reset();
}

void cluster_world::stop(std::size_t place) {
  process& one = *places_[place];
  if (one.asleep_until) wake(one);
  say(std::string(names[place]) + " stops");
  one.node.stop();
  for (client& c : clients_) {
    if (c.view.by == transport_kind::none || c.at != place) continue;
    // No engine has it on its way from one shard to another.
    if (!one.host.peers().is_in_transit(c.view.websocket)) {
      fail("a client was not told that its node stops");
    }
    c.view.reset();
  }
  places_[place].reset();
}

/// What has arrived meanwhile is handled first.
void cluster_world::wake(process& one) {
  say(std::string(names[one.place]) + " wakes");
  one.asleep_until.reset();
  disturb(one);
  one.host.sleep_until(now());
  if (below(4) == 0) one.node.link().disconnect();
  for (client& c : clients_) {
    if (c.view.by != transport_kind::none && c.at == one.place) flush(c);
  }
  for (const transport_id transport : std::exchange(one.closed_asleep, {})) {
    if (lost_.erase(transport) != 0) close(one, transport);
  }
  one.host.stop();
}

void cluster_world::mend() {
  redis_hangs_until_ = now();
  if (std::exchange(is_redis_away_, false)) redis_.start();
  redis_.is_full = false;
  loses_relays_ = false;
  for (std::size_t i = 0; i < node_count; ++i) {
    if (!places_[i]) {
      if (below(2) == 0 || (i == 0 && !places_[1] && !places_[2])) start(i);
      continue;
    }
    process& one = *places_[i];
    one.node.link().is_cut = false;
    one.node.link().loses_published = false;
    one.node.link().answers_left.reset();
    if (one.asleep_until) wake(one);
  }
}

// Time.

void cluster_world::pass_time(std::int64_t ms) {
  const instant_ms end = now() + ms;
  for (int stops = 0; failure_.empty(); ++stops) {
    if (stops == 100'000) return fail("time stands still");
    std::optional<instant_ms> next;
    const auto consider = [&](std::optional<instant_ms> when) {
      if (when && (!next || *when < *next)) next = when;
    };
    for (const auto& one : places_) {
      if (!one) continue;
      if (one->asleep_until) {
        consider(one->asleep_until);
        continue;
      }
      consider(one->host.next_stop());
      consider(std::max(one->node.due(), redis_hangs_until_));
    }
    if (!next || *next > end) break;
    redis_.now = std::max(now(), *next);
    for (const auto& one : places_) {
      if (!one) continue;
      if (one->asleep_until) {
        if (*one->asleep_until <= now()) wake(*one);
        continue;
      }
      one->host.sleep_until(now());
      one->host.stop();
      if (now() >= redis_hangs_until_) one->node.keep_up();
    }
    answer_pings();
    is_at_rest_ ? carry_all() : carry_some();
  }
  redis_.now = end;
  for (const auto& one : places_) {
    if (one && !one->asleep_until) one->host.sleep_until(end);
  }
}

void cluster_world::carry_all() {
  for (int i = 0; failure_.empty(); ++i) {
    if (i == 10'000) return fail("the nodes talk without end");
    bool was_any = false;
    for (const auto& one : places_) {
      if (!one) continue;
      was_any = one->node.carry_on() || was_any;
      while (one->host.deliver_one([](std::size_t) { return std::size_t{0}; })) was_any = true;
    }
    while (!relays_.empty() && deliver_relay(0)) was_any = true;
    if (!was_any) return;
  }
}

void cluster_world::answer_pings() {
  for (client& c : clients_) {
    if (c.view.by != transport_kind::none && awake(c.at) != nullptr) flush(c);
  }
}

void cluster_world::rest() {
  say("mended");
  mend();
  is_at_rest_ = true;
  carry_all();
  // Lost connections are noticed, dead nodes found out, graces end, and what was refused is tried
  // again.
  const std::int64_t patience_ms = 2 * (options_.engineio.ping_interval_ms + 800) + 4 * lease_ms +
                                   2 * options_.reconnect_grace_s * 1'000 + 2 * end_patience_ms;
  for (std::int64_t passed = 0; passed < patience_ms && failure_.empty(); passed += 500) {
    pass_time(500);
    check();
  }
  is_at_rest_ = false;
  if (!failure_.empty()) return;
  check_agreement();
  has_redis_lost_ = false;
  rested_at_ = now();
  say("at rest");
}

// What goes to the nodes, and what comes back.

void cluster_world::send(client& c, std::string_view packet) {
  c.view.last_sent = now();
  places_[c.at]->host.peers().give(input::frame_received{c.view.websocket, false, packet});
}

void cluster_world::flush(client& c) {
  for (const std::string& packet : std::exchange(c.view.outbox, {})) {
    if (c.view.by == transport_kind::none) return;
    send(c, packet);
  }
}

void cluster_world::hear(process& from, output::any& what) {
  if (const auto* sent = std::get_if<output::send_frame>(&what)) {
    if (lost_.count(sent->transport) != 0 || sent->data.is_binary()) return;
    client* const c = client_of_transport(sent->transport);
    if (c == nullptr) return fail("a message went to a transport that is gone");
    hear_text(from, *c, sent->data.bytes());
  } else if (const auto* close = std::get_if<output::close_transport>(&what)) {
    if (lost_.erase(close->transport) != 0) return;
    if (client* const c = client_of_transport(close->transport)) c->view.reset();
  } else if (const auto* refuse = std::get_if<output::refuse_websocket>(&what)) {
    if (client* const c = client_of_transport(refuse->transport)) c->view.reset();
  } else if (const auto* report = std::get_if<output::report>(&what)) {
    if (report->what->what != notice::kind::session_created) return;
    codes_.push_back(report->what->room);
    if (codes_.size() > 16) codes_.erase(codes_.begin());
  }
}

void cluster_world::hear_text(process& from, client& c, std::string_view text) {
  if (c.at != from.place) return fail("a node has sent to a client of another");
  if (text.starts_with("442[\"session:user-left\"")) {
    json::item_reader items(text.substr(3));
    items.next();
    if (const auto left = items.next()) {
      check_undisturbed(c, string_of(json::member(*left, "userId")));
    }
  }
  c.view.hear(text);
  if (!c.view.complaint.empty()) fail("a client " + c.view.complaint);
}

cluster_world::client* cluster_world::client_of_transport(transport_id transport) {
  for (client& c : clients_) {
    if (c.view.by != transport_kind::none && c.view.websocket == transport) return &c;
  }
  return nullptr;
}

// What must be true.

void cluster_world::check() {
  for (const client& c : clients_) {
    if (!c.view.complaint.empty()) fail("a client " + c.view.complaint);
    if (c.view.by != transport_kind::none && c.view.is_connected()) check_picture(c);
  }
}

/// Its list is that of its node.
void cluster_world::check_picture(const client& c) {
  const device& d = c.view;
  const process& at = *places_[c.at];
  if (at.host.peers().is_in_transit(d.websocket)) return;
  std::optional<session::room> room;
  bool is_settled = false;
  // Another shard may have another client with the same secret for a moment.
  const shard_index where = at.host.peers().shard_of(d.websocket);
  const jam::application& app = *at.server.apps[where];
  if (const auto* const socket = at.server.servers[where]->find("/", d.id)) {
    // Its command waits for the store.
    if (app.pending_until(socket->number)) return;
    const session::user_id user(d.id);
    const session::room* const of = app.sessions().room_of(user);
    if (of != nullptr) room = app.list_for(user, *of);
    is_settled = of != nullptr && app.has_announced_all(of->code);
  }
  if (!room) {
    if (d.room) fail("a client believes to be in a session that it is not in: " + d.id);
    return;
  }
  if (d.room != room->code) {
    return fail("a client believes to be in another session: " + d.id + " in " + room->code);
  }
  // The host follows when Redis has answered.
  if (is_settled && d.host != room->host().str())
    fail("a client believes in another host: " + d.id);
  std::vector<session::participant> present;
  std::size_t away = 0;
  for (const session::participant& who : room->participants) {
    who.is_away ? void(++away) : present.push_back(who);
  }
  if (d.away.size() != away) fail("a client believes in others who are away: " + d.id);
  // What Redis has after it has lost something may be in another order.
  const bool is_equal = std::is_permutation(
      d.members.begin(), d.members.end(), present.begin(), present.end(),
      [&](const auto& a, const auto& b) { return a == b || (a.id == b.id && a.id.str() == d.id); });
  if (!is_equal) fail("a client's list differs from its node's: " + d.id);
}

/// Whatever happens to Redis or to other nodes, nobody leaves who has stayed connected to a node
/// that was awake and in touch as far as Redis was there.
void cluster_world::check_undisturbed(const client& heard_by, std::string_view user) {
  if (rested_at_ < 0) return;
  for (const client& c : clients_) {
    const device& d = c.view;
    if (d.by == transport_kind::none || d.id != user || d.room != heard_by.view.room) continue;
    const process& at = *places_[c.at];
    const bool has_stayed = d.opened_at <= rested_at_ && c.moved_at <= rested_at_;
    const bool is_undisturbed =
        at.disturbed_at <= rested_at_ && !at.asleep_until && !at.node.link().is_cut;
    if (has_stayed && is_undisturbed) {
      fail("somebody is said to have left who was there all the time: " + d.id);
    }
  }
}

std::map<std::string, session::room> cluster_world::stored_rooms() {
  std::map<std::string, session::room> rooms;
  test::simulated_link link(redis_);
  link.connect();
  const std::vector<std::string> codes = redis_.codes();
  const auto stored = link.read_rooms(codes);
  for (std::size_t i = 0; stored && i < codes.size(); ++i) {
    std::optional<session::room> state;
    if (!(*stored)[i].state.empty()) state = session::read_snapshot((*stored)[i].state);
    for (const auto& one : (*stored)[i].log) {
      const auto events = session::read_events(one.events);
      if (!events) continue;
      for (const session::any_event& event : *events) evolve(state, event);
    }
    if (!state || state->head.seq != (*stored)[i].head.seq) {
      fail("the log of a room in Redis does not lead to its head: " + codes[i]);
    } else {
      rooms.emplace(codes[i], *std::move(state));
    }
  }
  return rooms;
}

void cluster_world::check_agreement() {
  const std::map<std::string, session::room> stored = stored_rooms();
  std::map<std::string, std::uint64_t> digests;
  std::set<std::string> everybody;
  std::set<std::string> creators;
  for (const auto& entry : stored) {
    const std::string& code = entry.first;  // Clang 14 cannot capture a structured binding.
    const session::room& room = entry.second;
    digests[code] = digest_of(room);
    if (room.participants.empty()) fail("a session is empty: " + code);
    // Who has got a place that Redis has lost keeps it, even if somebody else has got it since.
    if (room.participants.size() <= 4) {
      overfull_.erase(code);
    } else if (has_redis_lost_) {
      overfull_.insert(code);
    } else if (overfull_.count(code) == 0) {
      fail("a session is too full: " + code);
    }
    for (const session::participant& who : room.participants) {
      if (!everybody.insert(who.id.str()).second) {
        fail("somebody is in two sessions: " + who.id.str());
      }
      if (who.is_away) fail("somebody is away for longer than the grace: " + who.id.str());
      // Only who creates a session has a name like this.
      const bool is_creator = !who.name.empty() && who.name[0] >= '0' && who.name[0] <= '9';
      if (is_creator && !creators.insert(who.name).second) {
        fail("a session was made twice: " + code);
      }
      process* const at = process_of(who.node);
      if (at == nullptr) {
        fail("somebody in a session is at a node that does not live: " + who.id.str());
        continue;
      }
      const bool is_there = std::any_of(clients_.begin(), clients_.end(), [&](const client& c) {
        return c.view.by != transport_kind::none && c.view.id == who.id.str() &&
               c.at == at->place && c.view.room == code;
      });
      if (!is_there) fail("somebody in a session is not connected: " + who.id.str());
    }
  }
  for (const auto& one : places_) {
    if (one) check_rooms_of(*one, digests);
  }
  for (const client& c : clients_) {
    const device& d = c.view;
    if (d.by == transport_kind::none || d.id.empty()) continue;
    // Of two connections with the same secret one has the seat. The other one was told so.
    const bool is_another = std::any_of(clients_.begin(), clients_.end(), [&](const client& one) {
      return one.view.by != transport_kind::none && one.view.id == d.id && one.view.room;
    });
    if (!d.room && is_another) continue;
    if (d.room.has_value() != (everybody.count(d.id) != 0)) {
      fail(d.room ? "a client is in no session, but believes so: " + d.id
                  : "a client is in a session without knowing it: " + d.id);
    }
  }
}

void cluster_world::check_rooms_of(process& one,
                                   const std::map<std::string, std::uint64_t>& stored) {
  const std::string name(names[one.place]);
  if (!one.node.is_started()) return fail("a node does not start: " + name);
  if (!one.node.all().is_following()) return fail("a node does not follow: " + name);
  if (!one.node.is_quiet()) return fail("a node has not come to rest: " + name);
  std::size_t count = 0;
  for (shard_index i = 0; i < shards_; ++i) {
    const jam::application& app = *one.server.apps[i];
    for (const auto& [code, queue] : app.queues()) {
      fail("a room still waits for the store: " + code + " at " + name);
    }
    for (const session::room* room : app.sessions().rooms()) {
      ++count;
      const auto found = stored.find(room->code);
      if (found == stored.end()) {
        fail("a session is not in Redis: " + room->code + " at " + name);
      } else if (found->second != digest_of(*room)) {
        fail("a session is another one than in Redis: " + room->code + " at " + name);
      }
      if (room->reservations != 0) fail("a reservation is nobody's: " + room->code);
      for (const session::participant& who : room->participants) {
        const bool is_elsewhere = !who.is_away && who.node != one.node.self();
        const bool is_kept = options_.reconnect_grace_s != 0 && is_elsewhere;
        if (app.is_kept_elsewhere(who.id) != is_kept) {
          fail("the socket of somebody elsewhere is not kept, or too long: " + who.id.str() +
               " at " + name);
        }
      }
      if (one.node.all().head_of(room->code).chain != redis_.head_of(room->code).chain) {
        fail("a replica has another log than Redis: " + room->code + " at " + name);
      }
    }
  }
  if (count < stored.size()) fail("a session is not at every node: " + name);
  one.node.all().visit([&](const session::room& room) {
    const auto found = stored.find(room.code);
    if (found == stored.end() || found->second != digest_of(room)) {
      fail("a replica has another session than Redis: " + room.code + " at " + name);
    }
  });
}

void cluster_world::fail(std::string what) {
  say("FAILED: " + what);
  if (failure_.empty()) failure_ = std::move(what);
}

void cluster_world::say(const std::string& what) const {
  if (on_line_) on_line_(std::to_string(now()) + ' ' + what);
}

std::string cluster_world::some_room() {
  // Mostly one that is there.
  for (int i = 0; i < 4; ++i) {
    if (const auto& room = clients_[place_in(clients_.size())].view.room) return *room;
  }
  if (codes_.empty() || below(12) == 0) return "NOWHERE-99";
  return codes_[place_in(codes_.size())];
}

std::string cluster_world::some_name() {
  static constexpr std::array<std::string_view, 4> some = {"Ada", "Béla", "Cleo", "Dizzy 🎺"};
  return std::string(some[place_in(some.size())]);
}

entropy cluster_world::draw() {
  entropy fresh;
  for (auto& byte : fresh) byte = static_cast<std::uint8_t>(chance_.bits());
  return fresh;
}

}  // namespace downbeat::simulation
