#include "socketio/packet.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace downbeat::socketio {
namespace {

constexpr std::size_t most_digits = 16;                      // enough for nearly all numbers
constexpr std::uint64_t max_number = 9'007'199'254'740'991;  // Number.MAX_SAFE_INTEGER

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Removes digits from the front. Nothing if there are none or the number is above `max`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t max) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t number = 0;
  while (!text.empty() && is_digit(text.front())) {
    number = number * 10 + static_cast<std::uint64_t>(text.front() - '0');
    if (number > max) return std::nullopt;
    text.remove_prefix(1);
  }
  return number;
}

bool is_binary(packet_type type) {
  return type == packet_type::binary_event || type == packet_type::binary_ack;
}

/// What an event's array has in it.
struct event_parts {
  std::string_view name;
  std::string_view arguments;
};

/// An event is an array that begins with its name: a string, or, as JavaScript allows, a number.
/// A name with escapes is decoded into `decoded`; one that is not valid Unicode is taken as empty.
bool read_event(std::string_view json, event_parts& parts, std::string& decoded) {
  if (json.empty() || json.front() != '[') return false;
  json::item_reader items(json);
  const auto name = items.next();
  if (!name) return false;
  parts.arguments = items.rest();
  if (name->front() != '"') {
    parts.name = *name;
    return json::kind_of(*name) == json::kind::number;
  }
  const std::string_view body = name->substr(1, name->size() - 2);
  if (body.find('\\') == std::string_view::npos) {
    parts.name = body;
  } else {
    parts.name = json::read_string(*name, decoded).value_or(std::string_view());
  }
  return !is_reserved_event(parts.name);
}

bool is_valid_payload(packet_type type, bool has_id, std::string_view json) {
  switch (type) {
    case packet_type::connect: return json.empty() || json::kind_of(json) == json::kind::object;
    case packet_type::disconnect: return json.empty();
    case packet_type::ack:
    case packet_type::binary_ack:
      return has_id && !json.empty() && json::kind_of(json) == json::kind::array;
    case packet_type::event:
    case packet_type::binary_event:
    case packet_type::connect_error: return false;
  }
  return false;
}

/// Puts a decoded name behind the JSON, into the string that the packet may refer to.
void keep_decoded(std::string_view& json, event_parts& parts, std::string& scratch) {
  const std::size_t size = json.size();
  const std::size_t arguments_at = size - 1 - parts.arguments.size();
  if (json.data() != scratch.data()) scratch = json;
  scratch += parts.name;
  const std::string_view all = scratch;
  json = all.substr(0, size);
  parts.name = all.substr(size);
  parts.arguments = json.substr(arguments_at, parts.arguments.size());
}

}  // namespace

std::variant<packet, parse_error> parse(std::string_view text, std::uint64_t max_attachments,
                                        std::string& scratch) {
  if (text.empty() || text.front() < '0' || text.front() > '6') {
    return parse_error{"unknown packet type"};
  }
  const auto type = static_cast<packet_type>(text.front() - '0');
  text.remove_prefix(1);

  std::uint64_t attachments = 0;
  if (is_binary(type)) {
    const auto count = take_number(text, max_number);
    if (!count || *count == 0 || text.empty() || text.front() != '-') {
      return parse_error{"illegal attachments"};
    }
    if (*count > max_attachments) return parse_error{too_many_attachments};
    attachments = *count;
    text.remove_prefix(1);
  }
  std::string_view nsp = "/";
  if (!text.empty() && text.front() == '/') {
    const std::size_t comma = text.find(',');
    nsp = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  std::optional<std::uint64_t> id;
  if (!text.empty() && is_digit(text.front())) {
    id = take_number(text, max_number);
    if (!id) return parse_error{"illegal acknowledgement id"};
  }
  std::int32_t depth = 0;
  if (!text.empty()) {
    const auto survey = json::check(text);
    if (!survey) return parse_error{"invalid JSON"};
    if (survey->has_whitespace) {
      scratch = json::compact(text);
      text = scratch;
    }
    depth = survey->depth;
  }
  event_parts event;
  if (type == packet_type::event || type == packet_type::binary_event) {
    std::string decoded;
    if (!read_event(text, event, decoded)) return parse_error{"invalid payload"};
    if (!decoded.empty()) keep_decoded(text, event, scratch);
  } else if (!is_valid_payload(type, id.has_value(), text)) {
    return parse_error{"invalid payload"};
  }
  return packet{type, nsp, id, text, attachments, depth, event.name, event.arguments};
}

std::string encode(const packet& packet, std::string_view prefix) {
  return encode(packet, std::span(&packet.json, 1), prefix);
}

std::string encode(const packet& packet, std::span<const std::string_view> json,
                   std::string_view prefix) {
  std::size_t size = prefix.size() + packet.nsp.size() + most_digits;
  for (const std::string_view piece : json) size += piece.size();
  std::string text;
  text.reserve(size);
  text += prefix;
  text += static_cast<char>('0' + static_cast<int>(packet.type));
  if (is_binary(packet.type)) text.append(std::to_string(packet.attachments)) += '-';
  if (packet.nsp != "/") text.append(packet.nsp) += ',';
  if (packet.id) text += std::to_string(*packet.id);
  for (const std::string_view piece : json) text += piece;
  return text;
}

bool is_event(std::string_view json) {
  event_parts parts;
  std::string decoded;
  return read_event(json, parts, decoded);
}

bool is_reserved_event(std::string_view name) {
  static constexpr std::array<std::string_view, 6> reserved = {
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
  };
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

}  // namespace downbeat::socketio
