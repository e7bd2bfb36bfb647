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
constexpr std::int64_t max_characters = 64;  ///< of an event type or a request id

using value = std::optional<std::string_view>;

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
  auto normalized = session::normalize(std::get<std::string>(text), max_length);
  if (const auto* error = std::get_if<session::text_error>(&normalized)) {
    const bool is_limit = *error == session::text_error::length;
    return invalid_payload{session::message_of(*error, field, max_length),
                           is_limit ? "name_length" : ""};
  }
  return std::get<std::string>(std::move(normalized));
}

read_result<std::string> read_room_code(const value& given, std::string_view field) {
  auto code = read_string(given, field);
  if (const auto* text = std::get_if<std::string>(&code)) {
    if (text->empty() || text->size() > max_room_code_bytes) {
      return invalid_payload{std::string(field) + " must be 1 to " +
                             std::to_string(max_room_code_bytes) + " bytes"};
    }
  }
  return code;
}

/// Whether a text has 1 to 64 characters.
bool has_proper_length(std::string_view text) {
  if (text.empty()) return false;
  for (std::int64_t length = 0; !text.empty(); ++length) {
    if (length == max_characters) return false;
    utf8::next(text);
  }
  return true;
}

bool is_event_type(std::string_view literal) {
  std::string scratch;
  const auto text = json::read_string(literal, scratch);
  return text && has_proper_length(*text);
}

read_result<std::string> read_request_id(const value& given, std::string_view field) {
  auto id = read_string(given, field);
  if (const auto* text = std::get_if<std::string>(&id); text && !is_request_id(*text)) {
    return invalid_payload{std::string(field) + " must be 1 to 64 characters"};
  }
  return id;
}

read_result<std::string> read_text(const given_field& given, const options& limits) {
  switch (given.kind) {
    case field_kind::room_code: return read_room_code(given.json, given.name);
    case field_kind::label: return read_label(given.json, given.name, limits);
    case field_kind::request_id: return read_request_id(given.json, given.name);
    default: return read_string(given.json, given.name);
  }
}

}  // namespace

bool is_request_id(std::string_view text) {
  return has_proper_length(text);
}

read_result<std::string_view> read_payload(const socketio::message& message, const options& limits,
                                           bool is_relayed) {
  // The client wrote the payload, but not the array around it, so that level does not count.
  if (limits.max_depth != 0 && message.depth - 1 > limits.max_depth) {
    return invalid_payload{
        "payload must not nest deeper than " + std::to_string(limits.max_depth) + " levels",
        "depth"};
  }
  const std::string_view payload = message.arguments;
  // A binary payload was replaced by a placeholder, which is an object, too.
  const bool is_object = !payload.empty() && json::kind_of(payload) == json::kind::object;
  if (!is_object || (!message.attachments.empty() && json::member(payload, "_placeholder"))) {
    return invalid_payload{"payload must be an object"};
  }
  if (is_relayed && limits.max_event_bytes != 0) {
    std::size_t bytes = message.json.size();
    for (const frame& attachment : message.attachments) bytes += attachment.bytes().size();
    if (bytes > static_cast<std::uint64_t>(limits.max_event_bytes)) {
      return invalid_payload{
          "event must not be larger than " + std::to_string(limits.max_event_bytes) + " bytes",
          "event_bytes"};
    }
  }
  return payload;
}

std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::string& into) {
  if (!given.json && !given.instead.empty()) {
    into = given.instead;
    return std::nullopt;
  }
  auto text = read_text(given, limits);
  if (auto* error = std::get_if<invalid_payload>(&text)) return std::move(*error);
  into = std::get<std::string>(std::move(text));
  return std::nullopt;
}

std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::optional<std::string>& into) {
  if (!given.json) return std::nullopt;
  return read_field(given, limits, into.emplace());
}

std::optional<invalid_payload> read_field(const given_field& given, const options&,
                                          std::string_view& into) {
  if (!given.json) return invalid_payload{std::string(given.name) + " is required"};
  if (given.kind == field_kind::event_type) {
    if (json::kind_of(*given.json) != json::kind::string) {
      return invalid_payload{std::string(given.name) + " must be a string"};
    }
    if (!is_event_type(*given.json)) {
      return invalid_payload{std::string(given.name) + " must be 1 to 64 characters"};
    }
  }
  into = *given.json;
  return std::nullopt;
}

std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::optional<std::string_view>& into) {
  if (!given.json) return std::nullopt;
  return read_field(given, limits, into.emplace());
}

}  // namespace downbeat::jam
