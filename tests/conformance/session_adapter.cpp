#include "session_adapter.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::conformance {
namespace {

bool contains(const std::vector<std::string>& rooms, std::string_view room) {
  return std::find(rooms.begin(), rooms.end(), room) != rooms.end();
}

bool have_common(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const std::string& room) { return contains(others, room); });
}

}  // namespace

bool audience::includes(const std::vector<std::string>& rooms_of_socket) const {
  return (rooms.empty() || have_common(rooms, rooms_of_socket)) &&
         !have_common(except, rooms_of_socket);
}

// Sockets.

void session_adapter::connect(socketio::socket_number number, const std::string& id) {
  members_[number].rooms = {id};
}

void session_adapter::join(socketio::socket_number number, const std::string& room) {
  auto& rooms = at(number).rooms;
  if (!contains(rooms, room)) rooms.push_back(room);
}

void session_adapter::leave(socketio::socket_number number, const std::string& room) {
  auto& rooms = at(number).rooms;
  rooms.erase(std::remove(rooms.begin(), rooms.end(), room), rooms.end());
}

void session_adapter::lose(instant_ms now, socketio::socket_number number) {
  member& lost = at(number);
  lost.is_connected = false;
  lost.session = session{std::move(lost.rooms), now};
  lost.rooms.clear();
}

bool session_adapter::disconnect(socketio::socket_number number) {
  member& gone = at(number);
  gone.is_connected = false;
  gone.rooms.clear();
  if (gone.session) return true;
  members_.erase(number);
  return false;
}

void session_adapter::renumber(socketio::socket_number from, socketio::socket_number to) {
  auto node = members_.extract(from);
  node.key() = to;
  members_.insert(std::move(node));
}

bool session_adapter::can_recover(instant_ms now, socketio::socket_number number,
                                  std::string_view offset) const {
  const auto found = members_.find(number);
  if (found == members_.end() || !found->second.session) return false;
  if (found->second.session->lost_at + max_ms_ < now) return false;
  return find(offset) != events_.end();
}

std::vector<const socketio::payload*> session_adapter::recover(socketio::socket_number number,
                                                               std::string_view offset) {
  member& back = at(number);
  back.is_connected = true;
  back.was_recovered = true;
  back.rooms = back.session->rooms;
  std::vector<const socketio::payload*> missed;
  for (auto i = std::next(find(offset)); i != events_.end(); ++i) {
    if (i->to.includes(back.rooms)) missed.push_back(&i->event);
  }
  return missed;
}

// Events.

void session_adapter::store(instant_ms now, std::string offset, audience to,
                            socketio::payload event) {
  events_.push_back({std::move(offset), std::move(to), std::move(event), now});
}

std::vector<socketio::socket_number> session_adapter::recipients(const audience& to) const {
  std::vector<socketio::socket_number> numbers;
  for (const auto& [number, one] : members_) {
    if (one.is_connected && to.includes(one.rooms)) numbers.push_back(number);
  }
  return numbers;
}

std::vector<socketio::socket_number> session_adapter::sweep(instant_ms now) {
  const instant_ms threshold = now - max_ms_;
  std::vector<socketio::socket_number> ended;
  for (auto i = members_.begin(); i != members_.end();) {
    auto& [number, one] = *i;
    if (one.session && one.session->lost_at < threshold) one.session.reset();
    const bool is_over = !one.is_connected && !one.session;
    if (is_over) ended.push_back(number);
    i = is_over ? members_.erase(i) : std::next(i);
  }
  const auto last = std::find_if(events_.rbegin(), events_.rend(), [&](const stored_event& event) {
    return event.emitted_at < threshold;
  });
  events_.erase(events_.begin(), last.base());
  return ended;
}

std::vector<session_adapter::stored_event>::const_iterator session_adapter::find(
    std::string_view offset) const {
  return std::find_if(events_.begin(), events_.end(),
                      [&](const stored_event& event) { return event.offset == offset; });
}

}  // namespace downbeat::conformance
