#include "simulation/device.hpp"

#include <algorithm>

namespace downbeat::simulation {
namespace {

std::string text_of(std::optional<std::string_view> literal) {
  if (!literal || json::kind_of(*literal) != json::kind::string) return {};
  return json::decode_string(*literal).value_or(std::string());
}

session::participant participant_of(std::string_view json) {
  const auto [id, name, instrument] = json::members(json, {"id", "name", "instrument"});
  return {text_of(id), text_of(name), text_of(instrument)};
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
  *this = device();
  complaint = std::move(kept);
}

void device::hear(std::string_view text) {
  if (text.empty()) return complain("was sent an empty packet");
  const char type = text.front();
  const std::string_view rest = text.substr(1);
  switch (type) {
    case '0': sid = text_of(json::member(rest, "sid")); return;
    case '1': is_closed = true; return;
    case '2':
      // An unanswered ping may cost the connection, even if the device speaks again.
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
  switch (kind) {
    case '0': id = text_of(json::member(packet, "sid")); return;
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
  host.clear();
}

void device::hear_members(std::string_view payload) {
  const auto [code, participants, user, host_id] =
      json::members(payload, {"roomCode", "participants", "userId", "hostId"});
  if (text_of(user) != id) complain("was told another's id as its own");
  members.clear();
  for (const std::string_view who : json::items(*participants)) {
    members.push_back(participant_of(who));
  }
  room = text_of(code);
  host = text_of(host_id);
}

void device::hear_event(std::string_view json) {
  json::item_reader items(json);
  const std::string name = text_of(items.next());
  const auto payload = items.next();
  if (!payload) return complain("was sent an event without a payload");
  const auto find = [&](const std::string& who) {
    return std::find_if(members.begin(), members.end(),
                        [&](const session::participant& p) { return p.id == who; });
  };

  if (name == "session:created") {
    const auto [code, user] = json::members(*payload, {"roomCode", "userId"});
    if (text_of(user) != id) complain("was told another's id as its own");
    room = text_of(code);
    host = id;
    // What it called itself is not repeated; the first list that it is compared with fills it in.
    members = {{id, {}, {}}};
  } else if (name == "session:joined") {
    hear_members(*payload);
    if (find(id) == members.end()) complain("is not on the list of the session it joined");
    if (find(host) == members.end()) complain("was told of a host who is not there");
  } else if (name == "server:closing") {
    if (text_of(json::member(*payload, "reason")).empty()) complain("was not told why it ends");
  } else if (name == "error") {
    if (text_of(json::member(*payload, "message")).empty()) complain("was sent an empty error");
  } else if (!room) {
    complain("heard of a session while in none: " + name);
  } else if (name == "session:user-joined") {
    const session::participant who = participant_of(*json::member(*payload, "user"));
    if (find(who.id.str()) != members.end()) complain("was told that a member joined");
    members.push_back(who);
  } else if (name == "session:user-left") {
    const auto at = find(text_of(json::member(*payload, "userId")));
    if (at == members.end()) return complain("was told that a stranger left");
    members.erase(at);
  } else if (name == "session:host-changed") {
    host = text_of(json::member(*payload, "hostId"));
    if (find(host) == members.end()) complain("was told of a host who is not there");
  } else if (name == "session:user-updated") {
    const session::participant who = participant_of(*json::member(*payload, "user"));
    const auto at = find(who.id.str());
    if (at == members.end() || who.id == id) return complain("was told of a stranger's update");
    *at = who;
  } else if (name == "session:event") {
    const std::string from = text_of(json::member(*payload, "userId"));
    if (find(from) == members.end()) complain("heard a stranger play");
    if (from == id) complain("heard itself play");
  } else {
    complain("was sent an unknown event: " + name);
  }
}

}  // namespace downbeat::simulation
