#pragma once

#include "connection/connection_table.hpp"
#include "migration.hpp"
#include "shard.hpp"
#include "shard_message.hpp"

#include <array>
#include <memory>
#include <variant>

namespace downbeat::host {

/// A session that moves, and the connections of its transports and requests, in the order of
/// `routing::peers_of`. One that was lost before it could move is missing.
struct migrating_session {
  std::unique_ptr<migration> what;
  std::array<connection_table::detached_connection, 4> connections;
};

/// A connection whose current request the other loop must answer.
struct forwarded_connection {
  connection_table::detached_connection connection;
};

/// What one loop sends to another.
using loop_message = std::variant<shard_message, migrating_session, forwarded_connection>;

}  // namespace downbeat::host
