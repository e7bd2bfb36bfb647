#include "simulation/device.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::simulation {
namespace {

std::string text_of(std::optional<std::string_view> literal) {
  if (!literal || json::kind_of(*literal) != json::kind::string) return {};
  return json::decode_string(*literal).value_or(std::string());
}

session::participant participant_of(std::string_view json) {
  const auto [id, name, instrument] = json::members(json, {"id", "name", "instrument"});
  return {session::user_id(text_of(id)), text_of(name), text_of(instrument)};
}

std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    number = number * 10 + static_cast<std::uint64_t>(text.front() - '0');
    text.remove_prefix(1);
  }
  return number;
}

}  // namespace

void device::reset() {
  std::string kept = has_misbehaved ? std::string() : std::move(complaint);
  device next;
  next.complaint = std::move(kept);
  next.pid = std::move(pid);
  next.token = std::move(token);
  next.offset = std::move(offset);
  next.last_request = std::move(last_request);
  *this = std::move(next);
}

void device::leave_namespace() {
  former_id = std::exchange(id, {});
  room.reset();
  members.clear();
  away.clear();
  host.clear();
}

void device::hear(std::string_view text) {
  if (text.empty()) return complain("was sent an empty packet");
  const char type = text.front();
  const std::string_view rest = text.substr(1);
  switch (type) {
    case '0': sid = text_of(json::member(rest, "sid")); return;
    case '1': is_closed = true; return;
    case '2':
      // The server may close the connection for an unanswered ping, even if the device answers
      // later.
      has_misbehaved = has_misbehaved || is_silent;
      if (!is_silent) outbox.emplace_back("3");
      return;
    case '6': return;
    case '4': break;
    default: return complain("was sent a packet that servers do not send");
  }
  std::string_view packet = rest;
  const char kind = packet.empty() ? ' ' : packet.front();
  packet.remove_prefix(packet.empty() ? 0 : 1);
  if (kind == '5' || kind == '6') {  // attachments are not looked at
    take_number(packet);
    packet.remove_prefix(1);
  }
  if (!packet.empty() && packet.front() == '/') return;  // refused namespaces
  // The device has sent DISCONNECT, which the server may not have read yet: this packet is for its
  // former socket.
  if (connects > 0 && id.empty() && kind != '0') return;
  switch (kind) {
    case '0':
      id = text_of(json::member(packet, "sid"));
      pid = text_of(json::member(packet, "pid"));
      return;
    case '1':
      // Another client has the socket, and this one is about to be closed.
      if (room) complain("was disconnected without being told");
      id.clear();
      may_be_closed = true;
      return;
    case '2':
    case '5': return hear_event(packet);
    case '3':
    case '6': {
      const std::uint64_t ack_id = take_number(packet);
      return hear_ack(ack_id, packet);
    }
    case '4': return;
    default: return complain("was sent a Socket.IO packet that servers do not send");
  }
}

void device::hear_ack(std::uint64_t ack_id, std::string_view json) {
  if (ack_id != leave_ack_id) return;
  const auto answer = json::item_reader(json).next();
  if (!answer || json::member(*answer, "ok") != std::string_view("true")) return;
  room.reset();
  members.clear();
  away.clear();
  host.clear();
}

void device::hear_members(std::string_view payload) {
  const auto [code, participants, user, host_id] =
      json::members(payload, {"roomCode", "participants", "userId", "hostId"});
  if (text_of(user) != id) complain("was sent another's id as its own");
  members.clear();
  for (const std::string_view who : json::items(*participants)) {
    members.push_back(participant_of(who));
  }
  away.clear();
  if (const auto those = json::member(payload, "away")) {
    for (const std::string_view who : json::items(*those)) {
      away.push_back(participant_of(who).id.str());
    }
  }
  room = text_of(code);
  host = text_of(host_id);
}

void device::hear_event(std::string_view json) {
  json::item_reader items(json);
  const std::string name = text_of(items.next());
  const auto payload = items.next();
  if (!payload) return complain("was sent an event without a payload");
  if (const std::string last = text_of(items.next()); !last.empty()) offset = last;
  if (const std::string shown = text_of(json::member(*payload, "resumeToken")); !shown.empty()) {
    token = shown;
  }
  const auto find = [&](const std::string& who) {
    return std::find_if(members.begin(), members.end(),
                        [&](const session::participant& p) { return p.id.str() == who; });
  };

  if (name == "session:created") {
    const auto [code, user] = json::members(*payload, {"roomCode", "userId"});
    if (text_of(user) != id) complain("was sent another's id as its own");
    room = text_of(code);
    host = id;
    // `session:joined` does not contain the name that it sent; the first list of members fills it
    // in.
    members = {{session::user_id(id), {}, {}}};
    away.clear();
  } else if (name == "session:joined") {
    hear_members(*payload);
    if (find(id) == members.end()) complain("is not on the list of the session it joined");
    if (find(host) == members.end()) complain("was sent a host who is not there");
  } else if (name == "server:closing") {
    if (text_of(json::member(*payload, "reason")).empty()) complain("was sent no reason");
  } else if (name == "error") {
    if (text_of(json::member(*payload, "message")).empty()) complain("was sent an empty error");
  } else if (name == "session:ended") {
    // Without a code it is of a session that the device had hoped to come back to.
    const std::string code = text_of(json::member(*payload, "roomCode"));
    if (code != room.value_or(std::string())) complain("was told of the end of another session");
    room.reset();
    members.clear();
    away.clear();
    host.clear();
  } else if (!room) {
    complain("was sent an event of a session while in none: " + name);
  } else if (name == "session:user-joined") {
    const session::participant who = participant_of(*json::member(*payload, "user"));
    if (find(who.id.str()) != members.end()) complain("was sent a member as a newcomer");
    const auto was_away = std::find(away.begin(), away.end(), who.id.str());
    const bool is_back = json::member(*payload, "back").has_value();
    if (is_back != (was_away != away.end())) complain("was sent the return of somebody not away");
    if (was_away != away.end()) away.erase(was_away);
    if (!is_back) {
      members.push_back(who);
    } else {
      const std::string after = text_of(json::member(*payload, "after"));
      const auto at = after.empty() ? members.begin() : find(after);
      if (at == members.end() && !after.empty()) return complain("was sent a stranger before one");
      members.insert(after.empty() ? at : at + 1, who);
    }
  } else if (name == "session:user-left") {
    const auto at = find(text_of(json::member(*payload, "userId")));
    if (at == members.end()) return complain("was sent the leaving of a stranger");
    members.erase(at);
    if (json::member(*payload, "away")) away.push_back(text_of(json::member(*payload, "userId")));
  } else if (name == "session:user-gone") {
    const auto at = std::find(away.begin(), away.end(), text_of(json::member(*payload, "userId")));
    if (at == away.end()) return complain("was sent the end of somebody not away");
    away.erase(at);
  } else if (name == "session:host-changed") {
    host = text_of(json::member(*payload, "hostId"));
    // With several nodes, it may be back before the log has that: then nobody is there, and the
    // host is one of those who are away.
    const bool is_away = std::find(away.begin(), away.end(), host) != away.end();
    if (find(host) == members.end() && !is_away) complain("was sent a host who is not there");
  } else if (name == "session:user-updated") {
    const session::participant who = participant_of(*json::member(*payload, "user"));
    const auto at = find(who.id.str());
    if (at == members.end() || who.id.str() == id) return complain("was sent a stranger's update");
    *at = who;
  } else if (name == "session:event") {
    const std::string from = text_of(json::member(*payload, "userId"));
    // What is played again may be of somebody who is away by now.
    const bool is_away = std::find(away.begin(), away.end(), from) != away.end();
    if (find(from) == members.end() && !is_away) complain("received what a stranger plays");
    if (from == id) complain("received what it plays itself");
  } else {
    complain("was sent an unknown event: " + name);
  }
}

}  // namespace downbeat::simulation
