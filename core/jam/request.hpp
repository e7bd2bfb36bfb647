#pragma once

#include "jam/options.hpp"
#include "socketio/application.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What clients ask for, read strictly from the payloads of their events. Fields that nobody knows
/// are ignored, so that the clients of tomorrow can talk to the servers of today.
namespace downbeat::jam {

/// Why a payload is refused, in words for its author, such as `name must be a string`.
struct invalid_payload {
  std::string message;
  std::string_view limit = {};  ///< the one that it passed, if it did
};

/// How a participant wants to be seen; `session:create`.
struct profile {
  std::string name;
  std::string instrument;  ///< `unknown` if not given
};

/// `session:join`.
struct join_request {
  std::string room_code;  ///< as typed
  profile as;
};

/// `session:leave`.
struct leave_request {
  std::string room_code;  ///< as typed
};

/// `session:update`.
struct update_request {
  std::optional<std::string> name;
  std::optional<std::string> instrument;
};

/// `session:event`. The views are JSON, borrowed from the message.
struct event_request {
  std::string_view type;
  std::optional<std::string_view> data;
};

template <class Request>
using read_result = std::variant<Request, invalid_payload>;

read_result<profile> read_create(const socketio::message& message, const options& limits);
read_result<join_request> read_join(const socketio::message& message, const options& limits);
read_result<leave_request> read_leave(const socketio::message& message, const options& limits);
read_result<update_request> read_update(const socketio::message& message, const options& limits);
read_result<event_request> read_event(const socketio::message& message, const options& limits);

}  // namespace downbeat::jam
