// What one loop hands over to another. Letters leave at the end of a turn, all on one way in the
// order in which the core has ordered them, so that nothing overtakes a session that moves.

#include "server/loop.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace downbeat::host {

// Sending.

void loop::mail(shard_index to, output::any order) {
  // What they still say is for the other loop to read.
  const auto mark = [](connection* c) {
    if (c != nullptr) c->is_leaving = true;
  };
  if (const auto* request = std::get_if<output::forward_request>(&order)) {
    mark(connections_.find_request(request->request));
  } else if (const auto* websocket = std::get_if<output::forward_websocket>(&order)) {
    mark(connections_.find(websocket->transport));
  } else if (const auto* moved = std::get_if<output::move_connection>(&order)) {
    const parcel& what = *moved->what;
    for (const auto& transport : {what.websocket, what.upgrade_websocket}) {
      if (transport) mark(connections_.find(*transport));
    }
    for (const auto& waiting : {what.poll, what.post}) {
      if (waiting) mark(connections_.find_request(*waiting));
    }
  }
  mail_.emplace_back(to, std::move(order));
}

void loop::send_mail() {
  std::map<shard_index, std::vector<letter>> ways;
  for (auto& [to, order] : mail_) ways[to].push_back(letter_of(order));
  mail_.clear();
  for (auto& [to, letters] : ways) to_server_.send(to, std::move(letters));
}

letter loop::letter_of(output::any& order) {
  if (auto* told = std::get_if<output::tell_shard>(&order)) return std::move(told->what);
  if (auto* moved = std::get_if<output::move_connection>(&order)) {
    parcel& what = *moved->what;
    const auto transport = [&](const parcel_number& number) {
      return send_off(number ? connections_.find(*number) : nullptr);
    };
    const auto request = [&](const parcel_number& number) {
      return send_off(number ? connections_.find_request(*number) : nullptr);
    };
    moved_session session{std::move(moved->what),
                          {transport(what.websocket), transport(what.upgrade_websocket),
                           request(what.poll), request(what.post)}};
    return session;
  }
  if (const auto* request = std::get_if<output::forward_request>(&order)) {
    return forwarded_connection{send_off(connections_.find_request(request->request))};
  }
  const auto& websocket = std::get<output::forward_websocket>(order);
  return forwarded_connection{send_off(connections_.find(websocket.transport))};
}

connection_table::traveller loop::send_off(connection* c) {
  if (c == nullptr) return {nullptr, connection_table::never};
  poll_.remove_peer(c->socket.number());
  if (c->is_known_to_core) --count_.websockets;
  out_.forget(*c);
  c->counted_bytes = 0;
  return connections_.take(*c);
}

// Receiving.

void loop::receive(shard_index from, std::vector<letter> letters) {
  for (letter& one : letters) {
    open(from, one);
    core_.handle_later();
  }
}

void loop::open(shard_index from, letter& what) {
  if (const auto* message = std::get_if<std::unique_ptr<const between_shards::message>>(&what)) {
    core_.handle(input::shard_told{from, message->get()});
  } else if (auto* moved = std::get_if<moved_session>(&what)) {
    take_in_session(*moved);
  } else if (auto* forwarded = std::get_if<forwarded_connection>(&what)) {
    if (forwarded->connection.who == nullptr) return;
    connection& c = take_in(std::move(forwarded->connection));
    http_.on_forwarded(c);
    if (is_taking_leave_ && !c.is_leaving) take_leave_of(c);
  }
}

connection& loop::take_in(connection_table::traveller traveller) {
  connection& c = connections_.add(std::move(traveller));
  c.is_leaving = false;
  c.is_dirty = false;
  c.is_awaiting_write = false;
  c.is_paused = false;
  if (c.is_known_to_core) ++count_.websockets;
  poll_.add_peer(c.socket.number(), c.key);
  if (c.queued_bytes() > 0 || c.then != ending::none) out_.queue(c);
  return c;
}

void loop::take_in_session(moved_session& moved) {
  std::vector<connection*> here;
  std::vector<input::any> losses;
  const auto numbers = numbers_of(*moved.what);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    parcel_number& number = *numbers[i];
    if (!number) continue;
    const bool is_transport =
        &number == &moved.what->websocket || &number == &moved.what->upgrade_websocket;
    if (moved.connections[i].who == nullptr) {
      number = connections_.issue_lost();
      if (is_transport) {
        losses.emplace_back(input::transport_closed{*number});
      } else {
        losses.emplace_back(input::request_aborted{*number});
      }
      continue;
    }
    connection& c = take_in(std::move(moved.connections[i]));
    number = is_transport ? c.key : c.http->request;
    here.push_back(&c);
  }
  core_.handle(input::connection_moved_in{moved.what.get()});
  for (const input::any& loss : losses) core_.handle(loss);
  core_.handle_later();
  if (!is_taking_leave_) return;
  for (connection* const c : here) take_leave_of(*c);
}

}  // namespace downbeat::host
