#include "jam/request.hpp"

#include "json/text.hpp"
#include "session/text.hpp"
#include "text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace downbeat::jam {
namespace {

constexpr std::size_t max_room_code_bytes = 64;
constexpr std::int64_t max_event_type_length = 64;

using value = std::optional<std::string_view>;

/// The text that begins with the first argument of an event: the payload, which is an object.
read_result<std::string_view> read_payload(const socketio::message& message,
                                           const options& limits) {
  // The array around the arguments is not the author's.
  if (limits.max_depth != 0 && message.depth - 1 > limits.max_depth) {
    return invalid_payload{
        "payload must not nest deeper than " + std::to_string(limits.max_depth) + " levels",
        "depth"};
  }
  json::item_reader arguments(message.json);
  arguments.next();
  const std::string_view payload = arguments.rest();
  // An attachment in the payload's place looks like an object too.
  const bool is_object = !payload.empty() && json::kind_of(payload) == json::kind::object;
  if (!is_object || (!message.attachments.empty() && json::member(payload, "_placeholder"))) {
    return invalid_payload{"payload must be an object"};
  }
  return payload;
}

read_result<std::string> read_string(const value& given, std::string_view field) {
  if (!given) return invalid_payload{std::string(field) + " is required"};
  if (json::kind_of(*given) != json::kind::string) {
    return invalid_payload{std::string(field) + " must be a string"};
  }
  auto text = json::decode_string(*given);
  if (!text) return invalid_payload{std::string(field) + " must be valid Unicode"};
  return std::move(*text);
}

/// A name or an instrument.
read_result<std::string> read_label(const value& given, std::string_view field,
                                    const options& limits) {
  auto text = read_string(given, field);
  if (std::holds_alternative<invalid_payload>(text)) return text;
  const std::int64_t max_length = limits.max_name_length;
  auto tidied = session::tidy(std::get<std::string>(text), max_length);
  if (const auto* flaw = std::get_if<session::text_flaw>(&tidied)) {
    return invalid_payload{session::message_of(*flaw, field, max_length), "name_length"};
  }
  return std::get<std::string>(std::move(tidied));
}

read_result<std::string> read_room_code(const value& given) {
  auto code = read_string(given, "roomCode");
  if (const auto* text = std::get_if<std::string>(&code)) {
    if (text->empty() || text->size() > max_room_code_bytes) {
      return invalid_payload{"roomCode must be 1 to " + std::to_string(max_room_code_bytes) +
                             " bytes"};
    }
  }
  return code;
}

read_result<profile> read_profile(const value& name, const value& instrument,
                                  const options& limits) {
  auto tidy_name = read_label(name, "name", limits);
  if (auto* flaw = std::get_if<invalid_payload>(&tidy_name)) return std::move(*flaw);
  profile result{std::get<std::string>(std::move(tidy_name)), "unknown"};
  if (instrument) {
    auto tidy_instrument = read_label(instrument, "instrument", limits);
    if (auto* flaw = std::get_if<invalid_payload>(&tidy_instrument)) return std::move(*flaw);
    result.instrument = std::get<std::string>(std::move(tidy_instrument));
  }
  return result;
}

/// Whether a string literal is 1 to 64 characters long.
bool is_event_type(std::string_view literal) {
  std::string scratch;
  const auto text = json::read_string(literal, scratch);
  if (!text || text->empty()) return false;
  std::string_view rest = *text;
  for (std::int64_t length = 0; !rest.empty(); ++length) {
    if (length == max_event_type_length) return false;
    utf8::next(rest);
  }
  return true;
}

}  // namespace

read_result<profile> read_create(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&payload)) return std::move(*flaw);
  const auto [name, instrument] =
      json::members(std::get<std::string_view>(payload), {"name", "instrument"});
  return read_profile(name, instrument, limits);
}

read_result<join_request> read_join(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&payload)) return std::move(*flaw);
  const auto [room_code, name, instrument] =
      json::members(std::get<std::string_view>(payload), {"roomCode", "name", "instrument"});
  auto code = read_room_code(room_code);
  if (auto* flaw = std::get_if<invalid_payload>(&code)) return std::move(*flaw);
  auto as = read_profile(name, instrument, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&as)) return std::move(*flaw);
  return join_request{std::get<std::string>(std::move(code)), std::get<profile>(std::move(as))};
}

read_result<leave_request> read_leave(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&payload)) return std::move(*flaw);
  auto code = read_room_code(json::member(std::get<std::string_view>(payload), "roomCode"));
  if (auto* flaw = std::get_if<invalid_payload>(&code)) return std::move(*flaw);
  return leave_request{std::get<std::string>(std::move(code))};
}

read_result<update_request> read_update(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&payload)) return std::move(*flaw);
  const auto [name, instrument] =
      json::members(std::get<std::string_view>(payload), {"name", "instrument"});
  update_request result;
  if (name) {
    auto tidy_name = read_label(name, "name", limits);
    if (auto* flaw = std::get_if<invalid_payload>(&tidy_name)) return std::move(*flaw);
    result.name = std::get<std::string>(std::move(tidy_name));
  }
  if (instrument) {
    auto tidy_instrument = read_label(instrument, "instrument", limits);
    if (auto* flaw = std::get_if<invalid_payload>(&tidy_instrument)) return std::move(*flaw);
    result.instrument = std::get<std::string>(std::move(tidy_instrument));
  }
  return result;
}

read_result<event_request> read_event(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits);
  if (auto* flaw = std::get_if<invalid_payload>(&payload)) return std::move(*flaw);
  std::size_t bytes = message.json.size();
  for (const frame& attachment : message.attachments) bytes += attachment.bytes().size();
  if (limits.max_event_bytes != 0 && bytes > static_cast<std::uint64_t>(limits.max_event_bytes)) {
    return invalid_payload{
        "event must not be larger than " + std::to_string(limits.max_event_bytes) + " bytes",
        "event_bytes"};
  }
  const auto [type, data] = json::members(std::get<std::string_view>(payload), {"type", "data"});
  if (!type) return invalid_payload{"type is required"};
  if (json::kind_of(*type) != json::kind::string) {
    return invalid_payload{"type must be a string"};
  }
  if (!is_event_type(*type)) return invalid_payload{"type must be 1 to 64 characters"};
  return event_request{*type, data};
}

}  // namespace downbeat::jam
