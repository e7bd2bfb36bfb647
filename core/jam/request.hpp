#pragma once

#include "jam/event_table.hpp"
#include "jam/options.hpp"
#include "json/text.hpp"
#include "socketio/application.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

/// Reads the payloads of client events, as the table of events describes them. Reading is strict,
/// but unknown fields are ignored, so that newer clients can use older servers.
namespace downbeat::jam {

/// Why a payload is refused, as a message for the developer of the client, such as `name must be a
/// string`.
struct invalid_payload {
  std::string message;
  std::string_view limit = {};  ///< the limit that it exceeds, if any
};

template <class Request>
using read_result = std::variant<Request, invalid_payload>;

// The parts of read_request that are the same for all of them.

/// The text that begins with the first argument of an event: the payload, which is an object.
read_result<std::string_view> read_payload(const socketio::message& message, const options& limits,
                                           bool is_relayed);

/// Whether a text has 1 to 64 characters.
bool is_request_id(std::string_view text);

/// One field's description and its JSON, if it was sent.
struct given_field {
  std::string_view name;
  field_kind kind;
  std::string_view instead;
  std::optional<std::string_view> json;
};

std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::string& into);
std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::optional<std::string>& into);
/// Without a copy: the JSON as it stands in the message.
std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::string_view& into);
std::optional<invalid_payload> read_field(const given_field& given, const options& limits,
                                          std::optional<std::string_view>& into);

/// The first thing that is wrong with a payload is why it is refused.
template <class Request>
read_result<Request> read_request(const socketio::message& message, const options& limits) {
  auto payload = read_payload(message, limits, row_of<Request>.is_relayed);
  if (auto* error = std::get_if<invalid_payload>(&payload)) return std::move(*error);
  return std::apply(
      [&](const auto&... fields) -> read_result<Request> {
        const auto values = json::members(std::get<std::string_view>(payload), {fields.name...});
        Request result;
        std::optional<invalid_payload> error;
        std::size_t next = 0;
        const auto read = [&](const auto& one) {
          error =
              read_field({one.name, one.kind, one.instead, values[next++]}, limits, result.*one.in);
          return !error;
        };
        if (!(read(fields) && ...)) return *std::move(error);
        return result;
      },
      fields_of<Request>);
}

}  // namespace downbeat::jam
