#include "socketio/packet.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace downbeat::socketio {
namespace {

constexpr std::size_t most_digits = 16;  // of numbers, in most packets that have any
constexpr std::uint64_t max_number = 9'007'199'254'740'991;  // what a JavaScript number holds

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes digits off the front. Nothing if there are none, or their number is above `max`.
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

/// An event is an array that begins with its name: a string, or, as JavaScript allows, a number.
bool is_event(std::string_view json) {
  if (json.empty() || json::kind_of(json) != json::kind::array) return false;
  const auto name = json::item_reader(json).next();
  if (!name) return false;
  if (json::kind_of(*name) == json::kind::number) return true;
  if (json::kind_of(*name) != json::kind::string) return false;
  std::string scratch;
  const auto text = json::read_string(*name, scratch);
  return !text || !is_reserved_event(*text);
}

bool is_valid_payload(const packet& packet) {
  switch (packet.type) {
    case packet_type::connect:
      return packet.json.empty() || json::kind_of(packet.json) == json::kind::object;
    case packet_type::disconnect: return packet.json.empty();
    case packet_type::event:
    case packet_type::binary_event: return is_event(packet.json);
    case packet_type::ack:
    case packet_type::binary_ack:
      return packet.id && !packet.json.empty() && json::kind_of(packet.json) == json::kind::array;
    case packet_type::connect_error: return false;
  }
  return false;
}

}  // namespace

std::variant<packet, parse_error> parse(std::string_view text, std::size_t max_attachments,
                                        std::string& scratch) {
  if (text.empty() || text.front() < '0' || text.front() > '6') {
    return parse_error{"unknown packet type"};
  }
  packet result{static_cast<packet_type>(text.front() - '0'), "/", std::nullopt, {}, 0};
  text.remove_prefix(1);

  if (is_binary(result.type)) {
    const auto count = take_number(text, max_number);
    if (!count || *count == 0 || text.empty() || text.front() != '-') {
      return parse_error{"illegal attachments"};
    }
    if (*count > max_attachments) return parse_error{too_many_attachments};
    result.attachments = static_cast<std::size_t>(*count);
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() == '/') {
    const std::size_t comma = text.find(',');
    result.nsp = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  if (!text.empty() && is_digit(text.front())) {
    result.id = take_number(text, max_number);
    if (!result.id) return parse_error{"illegal acknowledgement id"};
  }
  if (!text.empty()) {
    const auto survey = json::check(text);
    if (!survey) return parse_error{"invalid JSON"};
    if (survey->has_whitespace) {
      scratch = json::compact(text);
      text = scratch;
    }
    result.json = text;
    result.depth = survey->depth;
  }
  if (!is_valid_payload(result)) return parse_error{"invalid payload"};
  return result;
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

bool is_reserved_event(std::string_view name) {
  static constexpr std::array<std::string_view, 6> reserved = {
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
  };
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

}  // namespace downbeat::socketio
