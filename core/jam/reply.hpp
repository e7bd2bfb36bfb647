#pragma once

#include "node.hpp"
#include "session/event.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The JSON of events and acknowledgements that the server sends. The order of keys is fixed.
namespace downbeat::jam {

/// `{"id":…,"name":…,"instrument":…}`, with the name of a participant's `node` if it is known.
std::string json_of(const session::participant& who, const node_names& nodes = {});
/// Those who are present, or those who are away.
std::string json_of(const std::vector<session::participant>& all, bool is_away = false,
                    const node_names& nodes = {});

/// `{"roomCode":…,"userId":…}`
std::string entered_json(std::string_view room_code, const session::participant_id& user);
std::string json_of(const session::event::created& event);
std::string json_of(const session::event::left& event);
std::string json_of(const session::event::host_changed& event);
std::string json_of(const session::event::gone& event);
/// A participant who is away, and for how long the seat is kept.
struct away_member {
  const session::participant* who;
  std::int64_t grace_ms;
};
/// The payload of `session:joined`, for a client that has joined, or is back with `is_resumed`.
std::string joined_json(const session::room& room, const session::participant_id& user,
                        const std::vector<away_member>& away = {}, bool is_resumed = false,
                        const node_names& nodes = {});
/// `{"user":{…}}`, for the other participants.
std::string user_json(const session::participant& who, const node_names& nodes = {});
/// The same for one who was away. `after` is the participant before in the list of those present.
std::string back_json(const session::participant& who, const session::participant* after,
                      const node_names& nodes = {});
/// The payload of `session:user-left` for one who is away.
std::string away_json(const session::participant_id& user, std::int64_t grace_ms);
/// The reason of an end that nobody knows any more, or that has no other name.
inline constexpr std::string_view unknown_end = "unknown";
/// The end of a seat whose participant has left. No client gets it as a reason.
inline constexpr std::string_view left_end = "left";
/// The payload of `session:ended`. The code may be empty.
std::string ended_json(std::string_view room_code, std::string_view reason);

/// An object with one more member at its end, unless the text is empty.
std::string with_member(std::string json, std::string_view name, std::string_view text);

/// The payload of `session:joined` with how many events follow that the client has missed, and
/// whether these are all.
std::string with_missed(std::string json, std::size_t count, bool is_complete);

/// The array of an event. `name` must not need escapes. An offset is its last argument, if there is
/// one.
std::string event_json(std::string_view name, std::string_view argument,
                       std::string_view offset = {});

/// The payload of an `error` event: `{"message":…,"code":…,"event":…}`.
std::string error_json(std::string_view message, std::string_view code, std::string_view event);

/// The argument of an acknowledgement: `{"ok":true,…}` with the members of the object `success`.
std::string success_json(std::string_view success);

/// The argument of an acknowledgement: `{"ok":false,"error":{"message":…,"code":…}}`.
std::string failure_json(std::string_view message, std::string_view code);

/// The array of a `session:event` for the other participants, in pieces that are joined only once,
/// because this is the most frequent event. `type` and `data` are JSON; `data` may be empty. The
/// pieces are views of the arguments.
std::array<std::string_view, 7> relayed_event(std::string_view from, std::string_view type,
                                              std::string_view data);

}  // namespace downbeat::jam
