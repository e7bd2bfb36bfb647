#pragma once

#include "server/connection_table.hpp"
#include "shard.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace downbeat::host {

/// The number of a transport or a request in a parcel.
using parcel_number = std::optional<std::uint64_t>;

/// All numbers in a parcel, in one order.
inline std::array<parcel_number*, 4> numbers_of(parcel& what) {
  return {&what.websocket, &what.upgrade_websocket, &what.poll, &what.post};
}

/// A session that moves, and the connections of its transports and requests, in the order of
/// `numbers_of`. One that was lost before it could move is missing.
struct moved_session {
  std::unique_ptr<parcel> what;
  std::array<connection_table::traveller, 4> connections;
};

/// A connection whose request is for the other loop to answer.
struct forwarded_connection {
  connection_table::traveller connection;
};

/// What one loop sends to another.
using letter = std::variant<std::unique_ptr<const between_shards::message>, moved_session,
                            forwarded_connection>;

}  // namespace downbeat::host
