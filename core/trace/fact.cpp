#include "trace/fact.hpp"

#include "json/text.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"
#include "trace/quote.hpp"
#include "trace/shards.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
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

/// No trace tells of a later time, so that adding to times, and counting them in smaller units, is
/// always possible: a hundred and thirty-nine years.
constexpr instant_ms latest = (instant_ms{1} << 42) - 1;

// Writing.

std::string begin(instant_ms now, std::string_view kind) {
  return std::to_string(now) + " > " + std::string(kind);
}

std::string begin(instant_ms now, std::string_view kind, std::uint64_t id) {
  return begin(now, kind) + ' ' + std::to_string(id);
}

void append_head(std::string& line, const request_head& head, const entropy& fresh) {
  line += "\"query\":";
  append_bytes(line, head.query);
  line += ",\"origin\":";
  append_bytes(line, head.origin);
  line += ",\"contentType\":";
  append_bytes(line, head.content_type);
  line += ",\"address\":";
  append_bytes(line, head.remote_address);
  line += ",\"entropy\":\"";
  line += hex::encode({reinterpret_cast<const char*>(fresh.data()), fresh.size()});
  line += "\"}";
}

struct fact_writer {
  instant_ms now;

  std::string operator()(const input::websocket_requested& f) const {
    std::string line = begin(now, "websocket", f.transport) + " {";
    append_head(line, f.head, f.fresh);
    return line;
  }
  std::string operator()(const input::frame_received& f) const {
    std::string line = begin(now, f.is_binary ? "binary" : "text", f.transport) + ' ';
    append_bytes(line, f.data);
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
    append_bytes(line, f.body);
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
  // What comes from other shards cannot be replayed without them: these are for people.
  std::string operator()(const input::shard_told& f) const {
    return begin(now, "told", f.from) + ' ' + json_of(*f.what);
  }
  std::string operator()(const input::connection_moved_in& f) const {
    return begin(now, "moved-in") + ' ' + json_of(*f.what);
  }
};

// Reading.

/// Takes the text up to the next space, and that space.
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

bool read_head(std::string_view json, recorded_fact& into, request_head& head, entropy& fresh) {
  const auto [query, origin, content_type, address, drawn] =
      json::members(json, {"query", "origin", "contentType", "address", "entropy"});
  const auto text = [&](const std::optional<std::string_view>& value, std::string_view& field) {
    if (!value) return true;
    auto bytes = read_bytes(*value);
    if (bytes) field = into.keep(std::move(*bytes));
    return bytes.has_value();
  };
  if (!text(query, head.query) || !text(origin, head.origin) ||
      !text(content_type, head.content_type) || !text(address, head.remote_address)) {
    return false;
  }
  const auto digits = drawn ? read_bytes(*drawn) : std::nullopt;
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

/// Reads what follows the time. The argument is JSON, checked and compact, or empty.
bool read_kind(std::string_view kind, std::uint64_t id, std::string_view argument,
               recorded_fact& into) {
  if (argument.empty()) {
    if (kind == "deadline") {
      into.fact = input::deadline_reached{};
    } else if (kind == "shutdown") {
      into.fact = input::shutdown_requested{};
    } else if (kind == "drain") {
      into.fact = input::drain_requested{id};
    } else if (kind == "too-large") {
      into.fact = input::frame_too_large{id};
    } else if (kind == "closed") {
      into.fact = input::transport_closed{id};
    } else if (kind == "body-too-large") {
      into.fact = input::body_too_large{id};
    } else if (kind == "aborted") {
      into.fact = input::request_aborted{id};
    } else {
      return false;
    }
  } else if (kind == "options") {
    if (json::kind_of(argument) != json::kind::object) return false;
    into.fact = input::options_changed{into.keep(std::string(argument))};
  } else if (kind == "text" || kind == "binary" || kind == "body") {
    auto bytes = read_bytes(argument);
    if (!bytes) return false;
    const std::string_view data = into.keep(std::move(*bytes));
    if (kind == "body") {
      into.fact = input::body_received{id, data};
    } else {
      into.fact = input::frame_received{id, kind == "binary", data};
    }
  } else if (kind == "websocket" || kind == "request") {
    if (json::kind_of(argument) != json::kind::object) return false;
    request_head head{};
    entropy fresh{};
    if (!read_head(argument, into, head, fresh)) return false;
    if (kind == "websocket") {
      into.fact = input::websocket_requested{id, head, fresh};
      return true;
    }
    const auto method = read_method(argument);
    if (!method) return false;
    into.fact = input::request_received{id, *method, head, fresh};
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string write_fact(instant_ms now, const input::any& fact) {
  return std::visit(fact_writer{now}, fact);
}

std::variant<recorded_fact, unreadable> read_fact(std::string_view line) {
  recorded_fact result;
  const auto now = read_number<instant_ms>(take_word(line));
  if (!now) return unreadable{"a line must begin with a time in milliseconds"};
  if (*now > latest) return unreadable{"time must not be later than " + std::to_string(latest)};
  result.now = *now;
  if (take_word(line) != ">") return unreadable{"a fact must have > after its time"};
  const std::string_view kind = take_word(line);

  std::uint64_t id = 0;
  if (kind != "deadline" && kind != "shutdown" && kind != "options") {
    const auto number = read_number<std::uint64_t>(take_word(line));
    if (!number) return unreadable{std::string(kind) + " must be followed by a number"};
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
    return unreadable{"unknown fact, or its argument is wrong: " + std::string(kind)};
  }
  return result;
}

}  // namespace downbeat::trace
