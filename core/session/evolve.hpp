#pragma once

#include "session/command.hpp"
#include "session/event.hpp"
#include "session/room.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The rules of one room, without the directory. `decide_…` functions make events and change
/// nothing; `evolve` applies events and decides nothing. With a scratch copy of a room, several
/// commands can be decided in a row before the first one is in the journal.
namespace downbeat::session {

/// See `participant::requests`. Null if there is no id.
std::shared_ptr<const carried_out_requests> first_request(carried_out_request::kind what,
                                                          const std::string& id);

/// The events of a join, none if the user is in the room already. The caller has checked that there
/// is a free place.
std::vector<any_event> decide_join(const room& in, const command::join& by);
/// The events of an update, or a refusal.
decision decide_update(const room* in, const command::update& by);
/// The events when a participant leaves, or the seat of one who is away ends. The room closes if
/// nobody is left and there are no reservations.
std::vector<any_event> decide_departure(const room& from, const participant_id& who, departure why);

/// The events when the connection of a participant is lost, and when it is back; none if that is so
/// already.
std::vector<any_event> decide_lost(const room& in, const command::lose& by);
std::vector<any_event> decide_back(const room& in, const command::come_back& by);
/// The event when a participant has other secrets than before; none if they are the same.
std::vector<any_event> decide_secrets(const room& in, const command::change_secrets& by);
/// The events when the seat of a participant who is away ends; none for one who is present.
std::vector<any_event> decide_seat_end(const room& in, const participant_id& who, seat_end why);
/// The change of host that is due if the host is not who it must be, or is acting wrongly.
std::optional<any_event> decide_host(const room& in);

/// Applies an event to a room, which is empty before `created` and after `closed`. An event that
/// does not fit, such as the departure of an unknown user, only advances the head.
void evolve(std::optional<room>& state, const any_event& event);
/// The same for a room that exists and stays; not for `created` and `closed`.
void evolve(room& state, const any_event& event);
/// Whether an event changes more than the head. One that was decided before others came may not.
bool fits(const std::optional<room>& state, const any_event& event);
bool fits(const room& state, const any_event& event);

/// Whether it follows from the events before, and is decided again if these are others.
bool follows_from_others(const any_event& event);

/// Whether it brings somebody into a room.
bool is_entry(const any_event& event);

/// The room that a `created` event makes.
room make_room(const event::created& by);

}  // namespace downbeat::session
