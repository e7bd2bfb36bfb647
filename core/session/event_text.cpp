#include "session/event_text.hpp"

#include "json/text.hpp"
#include "json/writer.hpp"
#include "session/canonical_code.hpp"
#include "session/room_code.hpp"
#include "text/base64.hpp"
#include "text/fnv1a.hpp"
#include "text/sha256.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>

namespace downbeat::session {
namespace {

using json::object_writer;
using member = std::optional<std::string_view>;

constexpr std::int64_t version = 1;
/// Numbers count up from what is read: one that leaves no room for that is refused. Every reader of
/// JSON knows numbers as large as this.
constexpr std::int64_t largest_number = 9'007'199'254'740'991;
constexpr std::array<std::string_view, 3> request_kinds = {"create", "join", "update"};
constexpr std::array<std::string_view, 3> departures = {"left", "disconnected", "moved"};

void write_hash(object_writer& json, std::string_view key,
                const std::shared_ptr<const sha256_digest>& hash) {
  if (!hash) return;
  json.text(key, base64::encode_url({reinterpret_cast<const char*>(hash->data()), hash->size()}));
}

void write_requests(object_writer& json,
                    const std::shared_ptr<const carried_out_requests>& requests) {
  if (!requests) return;
  json::array_writer all;
  for (const carried_out_request& one : *requests) {
    const std::string_view kind = request_kinds[static_cast<std::size_t>(one.what)];
    all.raw(json::array_writer().raw(json::quote(kind)).raw(json::quote(one.id)).done());
  }
  json.raw("requests", all.done());
}

std::string json_of(const participant& who) {
  object_writer json;
  json.text("id", who.id)
      .text("name", who.name)
      .text("instrument", who.instrument)
      .number("move", who.move);
  if (who.node != 0) json.id("node", who.node);
  if (who.is_away) json.flag("away", true);
  if (who.away_since_wall_ms != 0) json.number("since", who.away_since_wall_ms);
  write_hash(json, "pid", who.pid_hash);
  write_hash(json, "token", who.token_hash);
  write_requests(json, who.requests);
  return json.done();
}

object_writer begin(std::string_view type, std::string_view room) {
  object_writer json;
  json.number("v", version).text("type", type).text("room", room);
  return json;
}

struct event_writer {
  std::string operator()(const event::created& e) const {
    return begin("created", e.room)
        .number("number", e.number)
        .number("format", e.format)
        .raw("who", json_of(e.who))
        .done();
  }
  std::string operator()(const event::joined& e) const {
    object_writer json = begin("joined", e.room);
    json.raw("who", json_of(e.who)).flag("host", e.is_host);
    if (e.is_acting) json.flag("acting", true);
    return json.done();
  }
  std::string operator()(const event::updated& e) const {
    object_writer json = begin("updated", e.room);
    json.text("user", e.user).text("name", e.name).text("instrument", e.instrument);
    if (!e.request_id.empty()) json.text("request", e.request_id);
    return json.done();
  }
  std::string operator()(const event::left& e) const {
    return begin("left", e.room)
        .text("user", e.user)
        .text("why", departures[static_cast<std::size_t>(e.why)])
        .done();
  }
  std::string operator()(const event::host_changed& e) const {
    object_writer json = begin("host_changed", e.room);
    json.text("host", e.host);
    if (e.is_acting) json.flag("acting", true);
    return json.done();
  }
  std::string operator()(const event::lost& e) const {
    object_writer json = begin("lost", e.room);
    json.text("user", e.user);
    if (e.wall_ms != 0) json.number("at", e.wall_ms);
    if (e.node != 0) json.id("node", e.node);
    return json.done();
  }
  std::string operator()(const event::back& e) const {
    object_writer json = begin("back", e.room);
    json.text("user", e.user);
    if (e.node != 0) json.id("node", e.node);
    return json.done();
  }
  std::string operator()(const event::secrets_changed& e) const {
    object_writer json = begin("secrets_changed", e.room);
    json.text("user", e.user);
    write_hash(json, "pid", e.pid_hash);
    write_hash(json, "token", e.token_hash);
    return json.done();
  }
  std::string operator()(const event::gone& e) const {
    object_writer json = begin("gone", e.room);
    json.text("user", e.user).text("why", to_string(e.why));
    if (e.node != 0) json.id("node", e.node);
    return json.done();
  }
  std::string operator()(const event::closed& e) const { return begin("closed", e.room).done(); }
};

// Readers get checked, compact JSON. They ignore unknown members; the caller finds those by writing
// the result again and comparing.

bool read(const member& from, std::string& into) {
  if (!from || json::kind_of(*from) != json::kind::string) return false;
  auto text = json::decode_string(*from);
  if (!text) return false;
  into = std::move(*text);
  return true;
}

bool read(const member& from, participant_id& into) {
  std::string text;
  if (!read(from, text)) return false;
  into = participant_id(text);
  return !into.empty();
}

template <class Number>
bool read_number(const member& from, Number& into) {
  if (!from) return false;
  const char* const last = from->data() + from->size();
  const auto [end, error] = std::from_chars(from->data(), last, into);
  return error == std::errc() && end == last;
}

/// A wall clock time, which is optional.
bool read_time(const member& from, std::int64_t& into) {
  return !from || (read_number(from, into) && into > 0 && into <= largest_number);
}

/// A node, which is optional.
bool read_node(const member& from, node_id& into) {
  return !from || (read_number(from, into) && into != 0 && into <= largest_node);
}

bool is_true(const member& from) {
  return from == std::string_view("true");
}

/// The hash of a secret, which is optional.
bool read_hash(const member& from, std::shared_ptr<const sha256_digest>& into) {
  std::string text;
  if (!from) return true;
  const auto bytes = read(from, text) ? base64::decode_url(text) : std::nullopt;
  if (!bytes || bytes->size() != std::tuple_size_v<sha256_digest>) return false;
  sha256_digest hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  into = std::make_shared<const sha256_digest>(hash);
  return true;
}

bool read_request(std::string_view from, carried_out_request& into) {
  if (json::kind_of(from) != json::kind::array) return false;
  const std::vector<std::string_view> parts = json::items(from);
  std::string kind;
  if (parts.size() != 2 || !read(parts[0], kind) || !read(parts[1], into.id)) return false;
  const auto found = std::find(request_kinds.begin(), request_kinds.end(), kind);
  into.what = static_cast<carried_out_request::kind>(found - request_kinds.begin());
  return found != request_kinds.end() && !into.id.empty();
}

/// The requests of a participant, which are optional.
bool read_requests(const member& from, std::shared_ptr<const carried_out_requests>& into) {
  if (!from) return true;
  if (json::kind_of(*from) != json::kind::array) return false;
  carried_out_requests all;
  for (const std::string_view item : json::items(*from)) {
    if (!read_request(item, all.emplace_back())) return false;
  }
  if (all.empty() || all.size() > most_requests) return false;
  into = std::make_shared<const carried_out_requests>(std::move(all));
  return true;
}

bool read(const member& from, participant& into) {
  if (!from || json::kind_of(*from) != json::kind::object) return false;
  const auto [id, name, instrument, move, node, away, since, pid, token, requests] = json::members(
      *from,
      {"id", "name", "instrument", "move", "node", "away", "since", "pid", "token", "requests"});
  into.is_away = is_true(away);
  return read_time(since, into.away_since_wall_ms) && read(id, into.id) && read(name, into.name) &&
         read(instrument, into.instrument) && read_number(move, into.move) &&
         read_node(node, into.node) && read_hash(pid, into.pid_hash) &&
         read_hash(token, into.token_hash) && read_requests(requests, into.requests);
}

bool read_format(const member& from, std::uint32_t& into) {
  return read_number(from, into) && into < code_format_count;
}

/// Reads a room code. It must be one that users can type, or no lookup would find the room.
bool read_room(const member& from, std::string& into) {
  return read(from, into) && canonicalize(into);
}

template <class Event>
std::optional<any_event> if_all(bool is_good, Event&& event) {
  return is_good ? std::optional<any_event>(std::forward<Event>(event)) : std::nullopt;
}

std::optional<any_event> read_event(std::string_view object) {
  if (json::kind_of(object) != json::kind::object) return std::nullopt;
  const auto [form, type, room, number, format, who, host, user, name, instrument, why, acting, at,
              pid, token, request, node] =
      json::members(object,
                    {"v", "type", "room", "number", "format", "who", "host", "user", "name",
                     "instrument", "why", "acting", "at", "pid", "token", "request", "node"});
  std::int64_t v = 0;
  std::string kind;
  std::string code;
  if (!read_number(form, v) || v != version || !read(type, kind) || !read_room(room, code)) {
    return std::nullopt;
  }
  if (kind == "created") {
    event::created e{std::move(code), 0, 0, {}};
    const bool is_good = read_number(number, e.number) && e.number > 0 &&
                         e.number <= largest_number && read_format(format, e.format) &&
                         read(who, e.who);
    return if_all(is_good, std::move(e));
  }
  if (kind == "joined") {
    event::joined e{std::move(code), {}, is_true(host), is_true(acting)};
    const bool is_good = read(who, e.who);
    return if_all(is_good, std::move(e));
  }
  if (kind == "updated") {
    event::updated e{std::move(code), {}, {}, {}};
    const bool is_good = read(user, e.user) && read(name, e.name) &&
                         read(instrument, e.instrument) &&
                         (!request || (read(request, e.request_id) && !e.request_id.empty()));
    return if_all(is_good, std::move(e));
  }
  if (kind == "left") {
    event::left e{std::move(code), {}, departure::left};
    std::string reason;
    if (!read(user, e.user) || !read(why, reason)) return std::nullopt;
    for (std::size_t i = 0; i < departures.size(); ++i) {
      if (departures[i] == reason) e.why = static_cast<departure>(i);
    }
    return e;
  }
  if (kind == "host_changed") {
    event::host_changed e{std::move(code), {}, is_true(acting)};
    const bool is_good = read(host, e.host);
    return if_all(is_good, std::move(e));
  }
  if (kind == "lost") {
    event::lost e{std::move(code), {}};
    const bool is_good = read(user, e.user) && read_time(at, e.wall_ms) && read_node(node, e.node);
    return if_all(is_good, std::move(e));
  }
  if (kind == "back") {
    event::back e{std::move(code), {}};
    const bool is_good = read(user, e.user) && read_node(node, e.node);
    return if_all(is_good, std::move(e));
  }
  if (kind == "secrets_changed") {
    event::secrets_changed e{std::move(code), {}};
    const bool is_good =
        read(user, e.user) && read_hash(pid, e.pid_hash) && read_hash(token, e.token_hash);
    return if_all(is_good, std::move(e));
  }
  if (kind == "gone") {
    event::gone e{std::move(code), {}, seat_end::expired};
    std::string reason;
    const bool is_good = read(user, e.user) && read(why, reason) && read_node(node, e.node);
    for (const seat_end one : {seat_end::kicked, seat_end::seat_taken, seat_end::moved}) {
      if (to_string(one) == reason) e.why = one;
    }
    return if_all(is_good, std::move(e));
  }
  if (kind == "closed") return event::closed{std::move(code)};
  return std::nullopt;
}

std::optional<std::string> checked(std::string_view json) {
  if (!utf8::is_valid(json) || !json::check(json)) return std::nullopt;
  return json::compact(json);
}

}  // namespace

std::string write_event(const any_event& event) {
  return std::visit(event_writer{}, event);
}

std::string write_events(std::span<const any_event> events) {
  json::array_writer array;
  for (const any_event& event : events) array.raw(write_event(event));
  return array.done();
}

std::optional<std::vector<any_event>> read_events(std::string_view json) {
  const auto compact = checked(json);
  if (!compact || json::kind_of(*compact) != json::kind::array) return std::nullopt;
  std::vector<any_event> events;
  for (const std::string_view item : json::items(*compact)) {
    auto event = read_event(item);
    if (!event || write_event(*event) != item) return std::nullopt;
    events.push_back(std::move(*event));
  }
  return events;
}

std::string write_snapshot(const room& of) {
  json::array_writer participants;
  for (const participant& who : of.participants) participants.raw(json_of(who));
  object_writer json;
  json.number("v", version)
      .text("room", of.code)
      .number("number", of.number)
      .number("format", of.format)
      .number("seq", static_cast<std::int64_t>(of.head.seq))
      .text("host", of.host_id);
  if (of.is_host_acting) json.flag("acting", true);
  return json.raw("participants", participants.done()).done();
}

std::optional<room> read_snapshot(std::string_view json) {
  const auto compact = checked(json);
  if (!compact || json::kind_of(*compact) != json::kind::object) return std::nullopt;
  const auto [form, code, number, format, seq, host, acting, participants] = json::members(
      *compact, {"v", "room", "number", "format", "seq", "host", "acting", "participants"});
  room made{};
  made.is_host_acting = is_true(acting);
  std::int64_t v = 0;
  if (!read_number(form, v) || v != version || !read_room(code, made.code) ||
      !read_number(number, made.number) || made.number <= 0 || made.number > largest_number ||
      !read_format(format, made.format) || !read_number(seq, made.head.seq) ||
      made.head.seq > std::uint64_t{largest_number} || !read(host, made.host_id) || !participants ||
      json::kind_of(*participants) != json::kind::array) {
    return std::nullopt;
  }
  for (const std::string_view item : json::items(*participants)) {
    participant who;
    if (!read(member(item), who) || find_participant(made, who.id) != nullptr) return std::nullopt;
    made.participants.push_back(std::move(who));
  }
  if (write_snapshot(made) != *compact) return std::nullopt;
  return made;
}

std::uint64_t digest_of(const room& state) {
  fnv1a all;
  all.add(write_snapshot(state));
  return all.value();
}

std::uint64_t digest_of(const std::optional<room>& state) {
  return state ? digest_of(*state) : 0;
}

}  // namespace downbeat::session
