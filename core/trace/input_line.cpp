#include "trace/input_line.hpp"

#include "json/bytes.hpp"
#include "json/object_reader.hpp"
#include "json/text.hpp"
#include "json/writer.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"
#include "trace/between_shards.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace downbeat::trace {
namespace {

constexpr std::array<std::pair<http_method, std::string_view>, 4> method_names = {{
    {http_method::get, "GET"},
    {http_method::post, "POST"},
    {http_method::options, "OPTIONS"},
    {http_method::other, "other"},
}};

constexpr std::array<std::pair<input::append_answered::outcome, std::string_view>, 4> outcomes = {{
    {input::append_answered::outcome::appended, "appended"},
    {input::append_answered::outcome::conflict, "append-conflict"},
    {input::append_answered::outcome::failed, "append-failed"},
    {input::append_answered::outcome::unknown, "append-unknown"},
}};

/// The latest time in a trace (139 years). Later ones could overflow when times are added or
/// converted to smaller units.
constexpr instant_ms latest = (instant_ms{1} << 42) - 1;

/// The latest wall clock time: the largest integer that JavaScript represents exactly.
constexpr std::uint64_t latest_wall_ms = (std::uint64_t{1} << 53) - 1;

std::string begin(instant_ms now, std::string_view kind) {
  return std::to_string(now) + " > " + std::string(kind);
}

std::string begin(instant_ms now, std::string_view kind, std::uint64_t id) {
  return begin(now, kind) + ' ' + std::to_string(id);
}

void append_head(std::string& line, const request_head& head, const entropy& fresh) {
  line += "\"query\":";
  json::append_bytes(line, head.query);
  line += ",\"origin\":";
  json::append_bytes(line, head.origin);
  line += ",\"contentType\":";
  json::append_bytes(line, head.content_type);
  line += ",\"address\":";
  json::append_bytes(line, head.remote_address);
  if (head.is_forwarded) line += ",\"forwarded\":true";
  line += ",\"entropy\":\"";
  line += hex::encode({reinterpret_cast<const char*>(fresh.data()), fresh.size()});
  line += "\"}";
}

struct input_writer {
  instant_ms now;

  std::string operator()(const input::websocket_requested& f) const {
    std::string line = begin(now, "websocket", f.transport) + " {";
    append_head(line, f.head, f.fresh);
    return line;
  }
  std::string operator()(const input::frame_received& f) const {
    std::string line = begin(now, f.is_binary ? "binary" : "text", f.transport) + ' ';
    json::append_bytes(line, f.data);
    return line;
  }
  std::string operator()(const input::frame_too_large& f) const {
    return begin(now, "too-large", f.transport);
  }
  std::string operator()(const input::transport_closed& f) const {
    return begin(now, "closed", f.transport);
  }
  std::string operator()(const input::request_received& f) const {
    std::string line = begin(now, "request", f.request) + " {\"method\":\"";
    for (const auto& [method, name] : method_names) {
      if (method == f.method) line += name;
    }
    line += "\",";
    append_head(line, f.head, f.fresh);
    return line;
  }
  std::string operator()(const input::body_received& f) const {
    std::string line = begin(now, "body", f.request) + ' ';
    json::append_bytes(line, f.body);
    return line;
  }
  std::string operator()(const input::body_too_large& f) const {
    return begin(now, "body-too-large", f.request);
  }
  std::string operator()(const input::request_aborted& f) const {
    return begin(now, "aborted", f.request);
  }
  std::string operator()(const input::deadline_reached&) const { return begin(now, "deadline"); }
  std::string operator()(const input::drain_requested& f) const {
    return begin(now, "drain", f.within_ms);
  }
  std::string operator()(const input::shutdown_requested&) const { return begin(now, "shutdown"); }
  std::string operator()(const input::options_changed& f) const {
    return begin(now, "options") + ' ' + json::compact(f.json);
  }
  std::string operator()(const input::clock& f) const {
    return begin(now, "clock", static_cast<std::uint64_t>(f.wall_ms));
  }
  std::string operator()(const input::operator_command& f) const {
    std::string line = begin(now, "command", f.id) + ' ';
    json::append_bytes(line, f.json);
    return line;
  }
  std::string operator()(const input::query& f) const {
    std::string line = begin(now, "query", f.id) + ' ';
    json::append_bytes(line, f.json);
    return line;
  }
  std::string operator()(const input::shard_message_received& f) const {
    return begin(now, "shard-message", f.from) + ' ' + json_of(f.to, f.text);
  }
  std::string operator()(const input::connection_moved_in& f) const {
    return begin(now, "moved-in") + ' ' + json_of(*f.what);
  }
  std::string operator()(const input::room_restored& f) const {
    return begin(now, "room-restored") + ' ' + std::string(f.snapshot);
  }
  std::string operator()(const input::restore_finished&) const {
    return begin(now, "restore-finished");
  }
  std::string operator()(const input::append_answered& f) const {
    std::string_view kind;
    for (const auto& [how, name] : outcomes) {
      if (how == f.how) kind = name;
    }
    std::string line = begin(now, kind, f.append_id);
    if (f.how != input::append_answered::outcome::conflict) return line;
    line += ' ';
    json::append_bytes(line, f.events);
    return line;
  }
  std::string operator()(const input::nodes_changed& f) const {
    return begin(now, "nodes") + ' ' + json::compact(f.json);
  }
  std::string operator()(const input::room_appended& f) const {
    return begin(now, "room-appended", f.expected_head) + ' ' +
           json::object_writer().bytes("room", f.room).bytes("events", f.events).done();
  }
  std::string operator()(const input::room_replaced& f) const {
    return begin(now, "room-replaced") + ' ' +
           json::object_writer().bytes("room", f.room).bytes("snapshot", f.snapshot).done();
  }
  std::string operator()(const input::relay_received& f) const {
    std::string line = begin(now, "relay-received", f.from) + ' ';
    json::append_bytes(line, f.message);
    return line;
  }
};

/// Removes the text up to the next space, and that space, and returns the text.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

template <class Number>
std::optional<Number> read_number(std::string_view word) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

bool read_head(std::string_view json, recorded_input& into, request_head& head, entropy& fresh) {
  const auto [query, origin, content_type, address, drawn, forwarded] =
      json::members(json, {"query", "origin", "contentType", "address", "entropy", "forwarded"});
  head.is_forwarded = forwarded == "true";
  if (forwarded && !head.is_forwarded && forwarded != "false") return false;
  const auto text = [&](const std::optional<std::string_view>& value, std::string_view& field) {
    if (!value) return true;
    auto bytes = json::read_bytes(*value);
    if (bytes) field = into.keep(std::move(*bytes));
    return bytes.has_value();
  };
  if (!text(query, head.query) || !text(origin, head.origin) ||
      !text(content_type, head.content_type) || !text(address, head.remote_address)) {
    return false;
  }
  const auto digits = drawn ? json::read_bytes(*drawn) : std::nullopt;
  const auto bytes = digits ? hex::decode(*digits) : std::nullopt;
  if (!bytes || bytes->size() != fresh.size()) return false;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    fresh[i] = static_cast<std::uint8_t>((*bytes)[i]);
  }
  return true;
}

std::optional<http_method> read_method(std::string_view json) {
  const auto name = json::member(json, "method");
  for (const auto& [method, text] : method_names) {
    if (name && json::kind_of(*name) == json::kind::string && json::spells(*name, text)) {
      return method;
    }
  }
  return std::nullopt;
}

/// Reads an input from the words behind its time. The argument is checked, compact JSON, or empty.
bool read_kind(std::string_view kind, std::uint64_t id, std::string_view argument,
               recorded_input& into) {
  for (const auto& [how, name] : outcomes) {
    if (kind != name) continue;
    if ((how == input::append_answered::outcome::conflict) == argument.empty()) return false;
    std::string_view events;
    if (!argument.empty()) {
      auto bytes = json::read_bytes(argument);
      if (!bytes) return false;
      events = into.keep(std::move(*bytes));
    }
    into.input = input::append_answered{id, how, events};
    return true;
  }
  if (argument.empty()) {
    if (kind == "deadline") {
      into.input = input::deadline_reached{};
    } else if (kind == "shutdown") {
      into.input = input::shutdown_requested{};
    } else if (kind == "restore-finished") {
      into.input = input::restore_finished{};
    } else if (kind == "drain") {
      into.input = input::drain_requested{id};
    } else if (kind == "clock") {
      if (id > latest_wall_ms) return false;
      into.input = input::clock{static_cast<std::int64_t>(id)};
    } else if (kind == "too-large") {
      into.input = input::frame_too_large{id};
    } else if (kind == "closed") {
      into.input = input::transport_closed{id};
    } else if (kind == "body-too-large") {
      into.input = input::body_too_large{id};
    } else if (kind == "aborted") {
      into.input = input::request_aborted{id};
    } else {
      return false;
    }
  } else if (kind == "shard-message") {
    auto message = read_shard_message(argument);
    if (!message || id > std::numeric_limits<std::uint32_t>::max()) return false;
    const layer to = message->to;
    into.input = input::shard_message_received{static_cast<std::uint32_t>(id), to,
                                               into.keep(std::move(message->text))};
  } else if (kind == "moved-in") {
    auto moved = read_migration(argument);
    if (!moved) return false;
    into.input = input::connection_moved_in{into.keep(std::move(moved))};
  } else if (kind == "options" || kind == "room-restored" || kind == "nodes") {
    if (json::kind_of(argument) != json::kind::object) return false;
    const std::string_view object = into.keep(std::string(argument));
    if (kind == "options") {
      into.input = input::options_changed{object};
    } else if (kind == "nodes") {
      into.input = input::nodes_changed{object};
    } else {
      into.input = input::room_restored{object};
    }
  } else if (kind == "room-appended" || kind == "room-replaced") {
    if (json::kind_of(argument) != json::kind::object) return false;
    const bool is_appended = kind == "room-appended";
    json::object_reader from(argument);
    const std::string_view room = into.keep(from.text("room"));
    const std::string_view text = into.keep(from.text(is_appended ? "events" : "snapshot"));
    if (!from.is_good()) return false;
    if (is_appended) {
      into.input = input::room_appended{room, id, text};
    } else {
      into.input = input::room_replaced{room, text};
    }
  } else if (kind == "text" || kind == "binary" || kind == "body" || kind == "command" ||
             kind == "query" || kind == "relay-received") {
    auto bytes = json::read_bytes(argument);
    if (!bytes) return false;
    const std::string_view data = into.keep(std::move(*bytes));
    if (kind == "command") {
      into.input = input::operator_command{id, data};
    } else if (kind == "query") {
      into.input = input::query{id, data};
    } else if (kind == "relay-received") {
      into.input = input::relay_received{id, data};
    } else if (kind == "body") {
      into.input = input::body_received{id, data};
    } else {
      into.input = input::frame_received{id, kind == "binary", data};
    }
  } else if (kind == "websocket" || kind == "request") {
    if (json::kind_of(argument) != json::kind::object) return false;
    request_head head{};
    entropy fresh{};
    if (!read_head(argument, into, head, fresh)) return false;
    if (kind == "websocket") {
      into.input = input::websocket_requested{id, head, fresh};
      return true;
    }
    const auto method = read_method(argument);
    if (!method) return false;
    into.input = input::request_received{id, *method, head, fresh};
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string write_input(instant_ms now, const input::any& input) {
  return std::visit(input_writer{now}, input);
}

std::variant<recorded_input, unreadable> read_input(std::string_view line) {
  recorded_input result;
  const auto now = read_number<instant_ms>(take_word(line));
  if (!now) return unreadable{"a line must begin with a time in milliseconds"};
  if (*now > latest) return unreadable{"time must not be later than " + std::to_string(latest)};
  result.now = *now;
  if (take_word(line) != ">") return unreadable{"an input must have > after its time"};
  const std::string_view kind = take_word(line);

  std::uint64_t id = 0;
  constexpr std::array<std::string_view, 8> without_number = {
      "deadline", "shutdown",      "options",          "nodes",
      "moved-in", "room-restored", "restore-finished", "room-replaced"};
  if (std::find(without_number.begin(), without_number.end(), kind) == without_number.end()) {
    const auto number = read_number<std::uint64_t>(take_word(line));
    if (!number) return unreadable{std::string(kind) + " must be followed by a number"};
    // No host uses the highest number, and `id_map` cannot hold it.
    if (*number == std::numeric_limits<std::uint64_t>::max() && kind != "drain" &&
        kind != "clock") {
      return unreadable{std::string(kind) + " has a number that names nothing"};
    }
    id = *number;
  }
  std::string compact;
  if (!line.empty()) {
    if (!utf8::is_valid(line) || !json::check(line)) {
      return unreadable{std::string(kind) + " has broken JSON"};
    }
    compact = json::compact(line);
  }
  if (!read_kind(kind, id, compact, result)) {
    return unreadable{"unknown input, or its argument is wrong: " + std::string(kind)};
  }
  return result;
}

}  // namespace downbeat::trace
