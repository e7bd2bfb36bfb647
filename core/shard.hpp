#pragma once

#include <cstdint>

/// Several engines (shards) that together are one server. Each shard has its own connections and
/// its own rooms; the room code determines the shard. A client that joins a room of another shard
/// migrates there with its whole connection. Shards share no memory. They exchange messages; a host
/// delivers the messages from one shard to another in the order in which they were sent.
namespace downbeat {

using shard_index = std::uint32_t;

/// The index of this shard, and the number of all shards.
struct shard {
  shard_index index = 0;
  shard_index count = 1;

  /// The nth number that this shard assigns, n from 1. The shards' numbers never overlap.
  [[nodiscard]] constexpr std::uint64_t number(std::uint64_t nth) const {
    return (nth - 1) * count + index + 1;
  }

  /// The shard after `after`, in a ring.
  [[nodiscard]] constexpr shard_index next(shard_index after) const { return (after + 1) % count; }

  /// This shard's part of a whole that is divided among all shards. The parts add up exactly.
  [[nodiscard]] constexpr std::int64_t part_of(std::int64_t whole) const {
    return whole / count + (static_cast<std::int64_t>(index) < whole % count ? 1 : 0);
  }

  /// This shard's equal part of a limit over all clients, at least 1. A limit of 0 means no limit
  /// and stays 0. Shards do not know each other's counts, so each one gets the same part.
  [[nodiscard]] constexpr std::int64_t part_of_limit(std::int64_t in_all) const {
    if (in_all == 0) return 0;
    return in_all < count ? 1 : in_all / count;
  }
};

}  // namespace downbeat
