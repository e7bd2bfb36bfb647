#pragma once

#include "input.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Several engines that together are one server. Each of them, a shard, has its own connections
/// and its own rooms; a room's code tells whose it is. Whoever joins a room of another shard moves
/// there with all that is known of them. Shards share nothing: they tell each other messages, which
/// a host delivers in the order in which one shard tells them to another.
namespace downbeat {

using shard_index = std::uint32_t;

/// Which shard an engine is, and of how many.
struct shard {
  shard_index index = 0;
  shard_index count = 1;

  /// The nth number that this shard gives, from the first on; no other shard ever gives it.
  [[nodiscard]] constexpr std::uint64_t number(std::uint64_t nth) const {
    return (nth - 1) * count + index + 1;
  }

  /// The next shard after this one, in a ring.
  [[nodiscard]] constexpr shard_index next(shard_index after) const { return (after + 1) % count; }

  /// This shard's part of something that is shared out among all.
  [[nodiscard]] constexpr std::int64_t part_of(std::int64_t whole) const {
    return whole / count + (static_cast<std::int64_t>(index) < whole % count ? 1 : 0);
  }
};

/// What shards tell each other. A user is in at most one such talk at a time.
namespace between_shards {

/// A user wants to join a room of yours. Answered by `seat_answered`.
struct seat_wanted {
  std::string user;
  std::string code;     ///< as the user typed it
  std::string address;  ///< of the user; what it may still try is for the room's shard to say
};

/// A seat that is held keeps its room alive, and is taken when the user's connection has moved.
struct seat_answered {
  enum class outcome { held, not_found, full, limited };

  std::string user;
  outcome how;
  std::int64_t price = 0;       ///< what a code counts for that nobody has
  std::string_view limit = {};  ///< that the address has passed, a constant
};

/// The user for whom a seat was wanted is gone.
struct seat_given_up {
  std::string user;
};

/// A user wants to create a session, and this shard's part of the limit is used up. Answered by
/// `sessions_lent`.
struct sessions_wanted {
  std::string user;
};

/// So much of a shard's part of the limit belongs to the one that asked from now on.
struct sessions_lent {
  std::string user;
  std::int64_t count;  ///< 0 if there is nothing to spare
};

/// Somebody at this address created or joined a session.
struct entered {
  std::string address;
};

/// Somebody at this address tried a code that nobody has.
struct join_failed {
  std::string address;
  std::int64_t price;  ///< what it counts for
};

/// A connection that once was here is closed.
struct connection_gone {
  std::string sid;
};

struct message {
  std::variant<seat_wanted, seat_answered, seat_given_up, sessions_wanted, sessions_lent, entered,
               join_failed, connection_gone>
      what;
};

}  // namespace between_shards

/// What a layer packs for one of its kind on another shard. Nobody else looks into it.
class luggage {
 public:
  luggage() = default;
  luggage(const luggage&) = delete;
  luggage& operator=(const luggage&) = delete;
  virtual ~luggage() = default;
};

/// A connection on its way to another shard. The host moves its transports and its requests along,
/// and writes the numbers that they have over there into it.
struct parcel {
  std::optional<transport_id> websocket;
  std::optional<transport_id> upgrade_websocket;  ///< that is about to take over
  std::optional<request_id> poll;
  std::optional<request_id> post;
  std::unique_ptr<luggage> content;
};

}  // namespace downbeat
