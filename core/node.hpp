#pragma once

#include <cstdint>

/// Several processes (nodes), perhaps on several machines, that together are one server. Each has
/// all rooms, and the store that they share says in which order the events of a room have happened.
/// A node's own clients are connected to it alone.
namespace downbeat {

/// A node, from its start to its end: drawn anew each time. 0 is no node.
using node_id = std::uint64_t;

/// The largest one, so that every reader of JSON knows it.
inline constexpr node_id largest_node = (node_id{1} << 53) - 1;

}  // namespace downbeat
