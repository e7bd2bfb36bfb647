#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

/// Every event that clients may send, one row each, with the fields of its payload. From it come
/// the reading of requests (request.hpp), their way to a handler (requests.cpp), what a redacted
/// trace keeps (replay/redact.cpp), and by `scripts/generate-tables.mjs` the types of the npm
/// package and the tables of events in the documentation. A new event is a request and a row here,
/// and `application::handle` of that request.
///
/// Fields that no row names are ignored, so that servers understand newer clients.
namespace downbeat::jam {

/// What a field may hold, and what becomes of it in a redacted trace.
enum class field_kind : std::uint8_t {
  label,       ///< a name or an instrument; other letters in a redacted trace
  room_code,   ///< as typed; another code
  event_type,  ///< a string of 1 to 64 characters; other letters
  request_id,  ///< a string of 1 to 64 characters; others, but equal ones stay equal
  any,         ///< any JSON, with attachments; the same shape with other values
};

/// A field goes to `in`. It is required unless that is an optional or there is text to take
/// instead.
template <class Request, class Member>
struct field {
  std::string_view name;
  field_kind kind;
  Member Request::*in;
  std::string_view instead = {};
};

template <class Request, class Member>
field(std::string_view, field_kind, Member Request::*) -> field<Request, Member>;
template <class Request, class Member>
field(std::string_view, field_kind, Member Request::*, std::string_view) -> field<Request, Member>;

/// What the documentation says of an event. The core does not carry it at run time.
struct event_text {
  std::string_view caller_gets;  ///< the answer's event with its fields, beside the acknowledgement
  std::string_view others_get;   ///< in Markdown
  std::string_view errors;       ///< the codes, with commas between
};

template <class... Fields>
struct event_row {
  std::string_view name;
  bool is_relayed;  ///< its payload goes to others, and so `max_event_bytes` bounds it
  std::tuple<Fields...> fields;
  event_text text;
};

template <class... Fields>
event_row(std::string_view, bool, std::tuple<Fields...>, event_text) -> event_row<Fields...>;

/// The row of a request.
template <class Request>
inline constexpr auto row_of = nullptr;

/// The views are JSON, borrowed from the message.
struct event_request {
  std::string_view type;
  std::optional<std::string_view> data;
};
template <>
inline constexpr auto row_of<event_request> =
    event_row{"session:event", true,
              std::tuple{field{"type", field_kind::event_type, &event_request::type},
                         field{"data", field_kind::any, &event_request::data}},
              event_text{"", "`session:event {userId, type, data?}`",
                         "invalid_payload, rate_limited, not_in_session"}};

struct create_request {
  std::string name;
  std::string instrument;
  std::optional<std::string> request_id;
};
template <>
inline constexpr auto row_of<create_request> = event_row{
    "session:create", false,
    std::tuple{field{"name", field_kind::label, &create_request::name},
               field{"instrument", field_kind::label, &create_request::instrument, "unknown"},
               field{"requestId", field_kind::request_id, &create_request::request_id}},
    event_text{"session:created {roomCode, userId, resumeToken?}", "",
               "invalid_payload, rate_limited, server_full, shutting_down, try_again"}};

struct join_request {
  std::string room_code;
  std::string name;
  std::string instrument;
  std::optional<std::string> request_id;
};
template <>
inline constexpr auto row_of<join_request> = event_row{
    "session:join", false,
    std::tuple{field{"roomCode", field_kind::room_code, &join_request::room_code},
               field{"name", field_kind::label, &join_request::name},
               field{"instrument", field_kind::label, &join_request::instrument, "unknown"},
               field{"requestId", field_kind::request_id, &join_request::request_id}},
    event_text{
        "session:joined {roomCode, participants, userId, hostId, hostActing?, away?, resumeToken?}",
        "`session:user-joined {user}`",
        "invalid_payload, rate_limited, session_not_found, session_full, try_again"}};

struct leave_request {
  std::string room_code;
  std::optional<std::string> request_id;
};
template <>
inline constexpr auto row_of<leave_request> = event_row{
    "session:leave", false,
    std::tuple{field{"roomCode", field_kind::room_code, &leave_request::room_code},
               field{"requestId", field_kind::request_id, &leave_request::request_id}},
    event_text{
        "", "`session:user-left {userId}`, then `session:host-changed {hostId}` if the host left",
        "invalid_payload, not_in_session"}};

struct update_request {
  std::optional<std::string> name;
  std::optional<std::string> instrument;
  std::optional<std::string> request_id;
};
template <>
inline constexpr auto row_of<update_request> = event_row{
    "session:update", false,
    std::tuple{field{"name", field_kind::label, &update_request::name},
               field{"instrument", field_kind::label, &update_request::instrument},
               field{"requestId", field_kind::request_id, &update_request::request_id}},
    event_text{"", "`session:user-updated {user}`", "invalid_payload, not_in_session, try_again"}};

template <class... Requests>
struct request_list {};

/// All of them. The one that comes by far the most often stands first.
using client_requests =
    request_list<event_request, create_request, join_request, leave_request, update_request>;

// Parts of the rows that are needed at run time, without the texts beside them.

template <class Request>
inline constexpr std::string_view name_of = row_of<Request>.name;

template <class Request>
inline constexpr auto fields_of = row_of<Request>.fields;

template <class... Requests>
constexpr auto event_names(request_list<Requests...>) {
  return std::array{row_of<Requests>.name...};
}

struct field_name {
  std::string_view name;
  field_kind kind;
};

/// The fields of all events, each as often as it occurs.
template <class... Requests>
constexpr auto field_names(request_list<Requests...>) {
  constexpr auto all = std::tuple_cat(row_of<Requests>.fields...);
  return std::apply(
      [](const auto&... each) {
        return std::array{field_name{each.name, each.kind}...};
      },
      all);
}

}  // namespace downbeat::jam
