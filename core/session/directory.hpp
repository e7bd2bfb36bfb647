#pragma once

#include "session/canonical_code.hpp"
#include "session/command.hpp"
#include "session/event.hpp"
#include "session/limits.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"
#include "session/room_by_user.hpp"
#include "session/room_code.hpp"
#include "shard.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace downbeat::session {

/// All live sessions of one engine, with their participants. A user is in one session at most,
/// except for a short time while moving from one to another.
///
/// `decide` makes events from a command and changes nothing. `evolve` applies events. `load` takes
/// a room that was rebuilt from its log. In addition the directory has state of this process alone
/// that no log contains: the limits, the part of them that is lent to other shards, reservations,
/// and withheld room codes.
class directory {
 public:
  /// One shard of several has its part of the limits, and only rooms with its own codes.
  explicit directory(const limits& limits, shard here = {});
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  /// Changes the limits. Participants that are in a session stay, even above a lower limit.
  void limit(const limits& given);

  /// The events that a command causes, all of one room, or why it is refused. Joining a second room
  /// does not leave the first; the caller then decides `move_away`.
  [[nodiscard]] decision decide(const any_command& command) const;
  /// Applies an event. An event that does not fit the state is ignored.
  void evolve(const any_event& event);
  /// Replaces the room with this code by one that was rebuilt from its log. Reservations stay.
  void load(room state);

  /// Reserves a place for a user, who has at most one reservation. `decide` must have allowed
  /// `reserve`. Returns the code of the room of an earlier reservation, if it is another room.
  std::string reserve(const participant_id& user, std::string_view code);
  /// Cancels the user's reservation. Returns the code of its room, or an empty text.
  std::string cancel_reservation(const participant_id& user);
  /// Cancels all reservations in the room of a code. Their users may still find a free place.
  void cancel_reservations(std::string_view code);
  /// Whether a user has a reservation in the room with this code (as clients see it).
  [[nodiscard]] bool has_reservation(const participant_id& user, std::string_view code) const;
  /// Until `release_code` no room is created with this code. With `is_about_to_be_created` the room
  /// counts for the limit of sessions.
  void withhold_code(std::string_view code, bool is_about_to_be_created);
  void release_code(std::string_view code);

  /// Whether a join of this user in the room of a code would be refused because the room is full.
  [[nodiscard]] bool is_full_for(const user_id& user, const room& place) const {
    return find_participant(place, user) == nullptr && !has_reservation(user, place.code) &&
           is_full(place);
  }

  /// Whether the limit of sessions lets this user create one more.
  [[nodiscard]] bool may_create(const user_id& user) const;
  /// From now on a user who is alone in a session cannot create another when the limit is reached.
  /// With a journal, others could join the old session while the new one is being appended, and
  /// both would exist.
  void forbid_exchange() { may_exchange_ = false; }
  /// From now on the numbers of new rooms are others than those of other nodes.
  void number_for(node_id node);
  /// Lends half of the sessions that this shard may still create to another shard. Returns how
  /// many.
  std::int64_t lend_sessions();
  /// Adds sessions that another shard has lent.
  void borrow_sessions(std::int64_t count);

  [[nodiscard]] std::int64_t session_count() const;
  /// Participants of all sessions, also those who are away.
  [[nodiscard]] std::int64_t participant_count() const;
  /// Reservations in all sessions.
  [[nodiscard]] std::int64_t reservation_count() const {
    return static_cast<std::int64_t>(reservations_.size());
  }

  /// The room that a user is in, or null. Valid until the next change.
  [[nodiscard]] const room* room_of(const user_id& user) const;
  /// Codes of other rooms that list a user: a move is not finished, or was never.
  [[nodiscard]] std::vector<std::string> other_rooms_of(const user_id& user) const;
  /// Whether this entry into a room comes after a later one, of the same user, into another room.
  [[nodiscard]] bool is_overtaken(const participant& who, std::string_view code) const;
  /// The room of a code as a user typed it, or null. Valid until the next change.
  [[nodiscard]] const room* find(std::string_view code) const;
  /// How many live rooms have a code of the same format as this one (as a user typed it), and how
  /// many such codes are possible. Both 0 if the text has no code's format.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> live_and_possible(
      std::string_view code) const;
  /// Calls `visit` for all rooms, in no particular order.
  template <class Visit>
  void for_each_room(Visit visit) const {
    for (const auto& [key, place] : rooms_) visit(place);
  }
  /// All rooms in the order of their creation. Valid until the next change.
  [[nodiscard]] std::vector<const room*> rooms() const;

 private:
  [[nodiscard]] decision decide_on(const command::create& command) const;
  [[nodiscard]] decision decide_on(const command::join& command) const;
  [[nodiscard]] decision decide_on(const command::leave& command) const;
  [[nodiscard]] decision decide_on(const command::update& command) const;
  [[nodiscard]] decision decide_on(const command::reserve& command) const;
  [[nodiscard]] decision decide_on(const command::cancel_reservation& command) const;
  [[nodiscard]] decision decide_on(const command::disconnect& command) const;
  [[nodiscard]] decision decide_on(const command::lose& command) const;
  [[nodiscard]] decision decide_on(const command::come_back& command) const;
  [[nodiscard]] decision decide_on(const command::change_secrets& command) const;
  [[nodiscard]] decision decide_on(const command::end_seat& command) const;
  [[nodiscard]] decision decide_on(const command::move_away& command) const;
  [[nodiscard]] decision decide_on(const command::close_if_empty& command) const;

  using room_entry = std::unordered_map<canonical_code, room>::value_type;

  /// The room of an event. Remembers the last one, because events of one room often follow each
  /// other.
  room_entry* entry_of(std::string_view code);
  void open(const event::created& what);
  void cancel_reservations(room& place);
  void close(room_entry& which);
  /// Reservations count, too.
  [[nodiscard]] bool is_full(const room& place) const;
  /// Which of two entries of a user is the later one. Two connections of a user, at two nodes, may
  /// have entered two rooms by the same move.
  [[nodiscard]] bool is_later(std::uint32_t move, std::string_view code, std::uint32_t than_move,
                              std::string_view than_code) const;
  /// Records that a user is in a room, whose participants already include the user. Determine
  /// `was_seated` (the user was in another room) before the participants change.
  void seat(const participant_id& user, room& where, bool was_seated);
  /// The room is about to list the user no longer. Another one may still do so.
  void unseat(const participant_id& user, const room& where);

  limits limits_;
  shard here_;
  std::optional<std::int64_t> max_sessions_;  ///< of this shard; nothing if there is no limit
  bool may_exchange_ = true;
  [[nodiscard]] std::int64_t next_number() const;

  std::int64_t rooms_ever_ = 0;
  std::optional<std::int64_t> number_slot_;  ///< with several nodes
  std::array<std::int64_t, code_format_count> live_by_format_{};
  // For lookups only. The map keeps the addresses of rooms when others are added or removed.
  std::unordered_map<canonical_code, room> rooms_;
  room_entry* last_ = nullptr;  ///< of the last event, unless that room is closed
  room_by_user room_by_user_;
  /// Other rooms that list a user, for the time between the two events of a move.
  std::map<participant_id, std::vector<room*>> also_in_;
  std::map<participant_id, room*> reservations_;
  std::map<canonical_code, bool>
      withheld_;  ///< true if a room is about to be created with the code
  std::int64_t about_to_be_created_ = 0;
};

}  // namespace downbeat::session
