// Messages and migrating connections between loops. They are sent at the end of an iteration, to
// each loop in the order of the core's outputs, so that no message overtakes a migrating session.

#include "shard_routing.hpp"
#include "shards/loop.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>
#include <variant>

namespace downbeat::host {

// Sending.

void loop::queue_message(shard_index to, output::any output) {
  // From now on the other loop reads this connection.
  routing::for_each_departing(output, [this](routing::peer_kind kind, std::uint64_t number) {
    if (connection* const c = find(kind, number)) c->begin_migration();
  });
  queued_messages_.emplace_back(to, std::move(output));
}

void loop::flush_messages() {
  std::map<shard_index, std::vector<loop_message>> by_shard;
  for (auto& [to, output] : queued_messages_) by_shard[to].push_back(message_of(output));
  queued_messages_.clear();
  for (auto& [to, messages] : by_shard) hooks_.send(to, std::move(messages));
}

loop_message loop::message_of(output::any& output) {
  if (auto* sent = std::get_if<output::send_to_shard>(&output)) return std::move(sent->message);
  if (auto* moved = std::get_if<output::move_connection>(&output)) {
    migrating_session session{std::move(moved->what), {}};
    const auto peers = routing::peers_of(*session.what);
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const auto& number = *peers[i].number;
      session.connections[i] = detach(number ? find(peers[i].kind, *number) : nullptr);
    }
    return session;
  }
  if (const auto* request = std::get_if<output::forward_request>(&output)) {
    return forwarded_connection{detach(connections_.find_request(request->request))};
  }
  const auto& websocket = std::get<output::forward_websocket>(output);
  return forwarded_connection{detach(connections_.find(websocket.transport))};
}

connection* loop::find(routing::peer_kind kind, std::uint64_t number) {
  return kind == routing::peer_kind::transport ? connections_.find(number)
                                               : connections_.find_request(number);
}

connection_table::detached_connection loop::detach(connection* c) {
  // A connection that began to close in this iteration closes here. The other loop counts it as
  // lost.
  if (c == nullptr || !c->is<migrating_state>()) return {nullptr, connection_table::never};
  c->stream.detach();
  if (c->is_transport()) --counters_.websockets;
  out_.forget(*c);
  c->out.counted_bytes = 0;
  return connections_.take(*c);
}

// Receiving.

void loop::receive(shard_index from, std::vector<loop_message> messages) {
  for (loop_message& one : messages) {
    on_message(from, one);
    core_.handle_later();
  }
}

void loop::on_message(shard_index from, loop_message& what) {
  if (const auto* message = std::get_if<shard_message>(&what)) {
    core_.handle(routing::arrival_of(from, *message));
  } else if (auto* moved = std::get_if<migrating_session>(&what)) {
    attach_migration(*moved);
  } else if (auto* forwarded = std::get_if<forwarded_connection>(&what)) {
    if (forwarded->connection.subject == nullptr) return;
    connection& c = attach(std::move(forwarded->connection));
    out_.begin_wait(c);
    if (c.is<closed_state>()) return;
    http_.on_forwarded(c);
    if (is_shutting_down_) shut_down_connection(c);
  }
}

connection& loop::attach(connection_table::detached_connection detached) {
  connection& c = connections_.add(std::move(detached));
  c.end_migration();
  c.out.is_dirty = false;
  // Its socket may have been blocked in the old loop. This loop finds out anew.
  c.out.is_blocked = false;
  c.watched.writing = false;
  if (c.is_transport()) ++counters_.websockets;
  websockets_.on_attached(c);
  if (c.out.has_unsent()) out_.queue(c);
  return c;
}

void loop::attach_migration(migrating_session& moved) {
  std::vector<connection*> here;
  std::vector<input::any> losses;
  const auto peers = routing::peers_of(*moved.what);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    auto& number = *peers[i].number;
    if (!number) continue;
    if (moved.connections[i].subject == nullptr) {
      number = connections_.issue_lost();
      losses.push_back(routing::loss_of(peers[i].kind, *number));
      continue;
    }
    connection& c = attach(std::move(moved.connections[i]));
    number = peers[i].kind == routing::peer_kind::transport ? c.key : c.http()->request();
    here.push_back(&c);
  }
  core_.handle(input::connection_moved_in{moved.what.get()});
  for (const input::any& loss : losses) core_.handle(loss);
  // Only after the core has the migrated session can it handle the loss of a connection that the
  // system refuses to watch.
  for (connection* const c : here) {
    if (!c->is<closed_state>()) out_.begin_wait(*c);
  }
  core_.handle_later();
  if (!is_shutting_down_) return;
  for (connection* const c : here) shut_down_connection(*c);
}

}  // namespace downbeat::host
