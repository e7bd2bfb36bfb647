#include "socketio/adapter.hpp"

#include <algorithm>

namespace downbeat::socketio {

void adapter::add(socket& s) {
  sockets_.emplace(s.number, &s);
  by_id_.emplace(s.id, &s);
}

void adapter::remove(socket& s) {
  for (room* joined : s.rooms) remove_member(*joined, s);
  s.rooms.clear();
  by_id_.erase(s.id);
  sockets_.erase(s.number);
}

void adapter::join(socket& s, std::string_view room_name) {
  const auto [at, is_new] = rooms_.try_emplace(std::string(room_name));
  room& joined = at->second;
  if (is_new) joined.name = at->first;
  if (std::find(s.rooms.begin(), s.rooms.end(), &joined) != s.rooms.end()) return;
  joined.members.push_back(&s);
  s.rooms.push_back(&joined);
}

void adapter::leave(socket& s, std::string_view room_name) {
  const auto at = std::find_if(s.rooms.begin(), s.rooms.end(),
                               [&](const room* r) { return r->name == room_name; });
  if (at == s.rooms.end()) return;
  room& left = **at;
  s.rooms.erase(at);
  remove_member(left, s);
}

void adapter::remove_member(room& from, socket& s) {
  from.members.erase(std::find(from.members.begin(), from.members.end(), &s));
  if (!from.members.empty()) return;
  // Copy the name: it refers to the key that is erased.
  rooms_.erase(std::string(from.name));
}

socket* adapter::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

const std::vector<socket*>& adapter::recipients(std::span<const std::string_view> rooms,
                                                const socket* except) {
  recipients_.clear();
  if (rooms.empty()) {
    for (const auto& [number, s] : sockets_) {
      if (s != except) recipients_.push_back(s);
    }
    return recipients_;
  }
  for (const std::string_view room_name : rooms) collect(room_name, except);
  if (rooms.size() > 1) {
    std::sort(recipients_.begin(), recipients_.end(),
              [](const socket* a, const socket* b) { return a->number < b->number; });
    recipients_.erase(std::unique(recipients_.begin(), recipients_.end()), recipients_.end());
  }
  return recipients_;
}

void adapter::collect(std::string_view room_name, const socket* except) {
  socket* const by_id = find(room_name);
  bool is_by_id_seen = false;
  if (const auto found = rooms_.find(std::string(room_name)); found != rooms_.end()) {
    for (socket* s : found->second.members) {
      is_by_id_seen = is_by_id_seen || s == by_id;
      if (s != except) recipients_.push_back(s);
    }
  }
  if (by_id != nullptr && !is_by_id_seen && by_id != except) recipients_.push_back(by_id);
}

}  // namespace downbeat::socketio
