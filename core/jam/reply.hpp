#pragma once

#include "session/event.hpp"
#include "session/participant.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// The JSON of what the server tells clients: the objects that its events and acknowledgements
/// carry. Keys come in the order of the contract.
namespace downbeat::jam {

/// `{"id":…,"name":…,"instrument":…}`
std::string json_of(const session::participant& who);
std::string json_of(const std::vector<session::participant>& all);

std::string json_of(const session::event::created& event);
std::string json_of(const session::event::joined& event);
std::string json_of(const session::event::user_joined& event);
std::string json_of(const session::event::user_left& event);
std::string json_of(const session::event::host_changed& event);
std::string json_of(const session::event::user_updated& event);

/// The payload of an `error` event: `{"message":…,"code":…,"event":…}`.
std::string error_json(std::string_view message, std::string_view code, std::string_view event);

/// The argument of an acknowledgement: `{"ok":true,…}` with the members of `success`, an object.
std::string success_json(std::string_view success);

/// The argument of an acknowledgement: `{"ok":false,"error":{"message":…,"code":…}}`.
std::string failure_json(std::string_view message, std::string_view code);

/// The array of a `session:event` as the others get it, in pieces: `type` and `data` are JSON,
/// `data` may be empty. Nothing else is written as often, so that the pieces are put together only
/// once. They are views of what was given, and last as long.
std::array<std::string_view, 7> relayed_event(std::string_view from, std::string_view type,
                                              std::string_view data);

}  // namespace downbeat::jam
