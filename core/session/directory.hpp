#pragma once

#include "session/command.hpp"
#include "session/event.hpp"
#include "session/limits.hpp"
#include "session/participant.hpp"
#include "session/room.hpp"
#include "session/room_code.hpp"
#include "session/room_key.hpp"
#include "session/seats.hpp"
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

/// All live sessions, and who is in them. A user is in one at most.
///
/// Creating or joining a session leaves the one before, but only once the new one has succeeded:
/// the events of the new one come first, then those of the old one.
class directory {
 public:
  /// One of several shards has a part of the limits, and the rooms whose codes are its own.
  explicit directory(const limits& limits, shard here = {});
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  /// What fits from now on. Who is in stays in.
  void limit(const limits& to);

  /// Carries out one command. The events are all that it causes, in the order in which they
  /// happen; a refused command causes only `refused` and changes nothing.
  std::vector<any_event> apply(const any_command& command);

  /// Whether the rooms that are live leave a user one more to create.
  [[nodiscard]] bool may_create(const user_id& user) const;
  /// Gives up half of what this shard may still create, for another one; returns how much.
  std::int64_t lend_sessions();
  /// Takes over what another one has given up.
  void borrow_sessions(std::int64_t count);

  [[nodiscard]] std::int64_t session_count() const;
  /// Over all sessions.
  [[nodiscard]] std::int64_t participant_count() const;
  /// Over all sessions, for users on the way from other shards.
  [[nodiscard]] std::int64_t held_seat_count() const {
    return static_cast<std::int64_t>(held_seats_.size());
  }

  /// The room that a user is in, or null. Like that of `find` it is valid until the next command.
  [[nodiscard]] const room* room_of(const user_id& user) const;
  /// The room of a code as somebody typed it, or null.
  [[nodiscard]] const room* find(std::string_view code) const;
  /// How many live rooms have a code of the same shape as this one, as somebody typed it, and how
  /// many such codes there could be; both 0 when no room has ever such a code.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> live_and_possible(
      std::string_view code) const;
  /// All rooms in the order of their creation. Valid until the next command.
  [[nodiscard]] std::vector<const room*> rooms() const;

 private:
  using events = std::vector<any_event>;

  void carry_out(const command::create& command, events& out);
  void carry_out(const command::join& command, events& out);
  void carry_out(const command::leave& command, events& out);
  void carry_out(const command::update& command, events& out);
  void carry_out(const command::hold_seat& command, events& out);
  void carry_out(const command::free_seat& command, events& out);
  void carry_out(const command::disconnect& command, events& out);

  /// The room that a user is in, or null.
  [[nodiscard]] room* seat_of(const user_id& user) const;
  /// Makes an empty room with a code that no live room looks like; null when codes have run out.
  room* open_room(std::uint64_t seed, bool is_guarded);
  /// Takes a user out of a room, and closes it if nobody is left.
  void vacate(room& place, const user_id& user, events& out);
  /// Closes a room if nobody is in it or on the way to it.
  bool close_if_empty(room& place, events& out);

  limits limits_;
  shard here_;
  std::optional<std::int64_t> max_sessions_;  ///< of this shard, if they are limited
  std::int64_t rooms_ever_ = 0;
  std::array<std::int64_t, code_stage_count> live_by_stage_{};
  // For look-ups only. The rooms stay where they are in memory as others come and go.
  std::unordered_map<room_key, room> rooms_;
  seats seats_;
  std::map<user_id, room*> held_seats_;
};

}  // namespace downbeat::session
