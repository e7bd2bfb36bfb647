#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Several processes (nodes), perhaps on several machines, that together are one server. Each has
/// all rooms, and the store that they share says in which order the events of a room have happened.
/// A node's own clients are connected to it alone.
namespace downbeat {

/// A node, from its start to its end: drawn anew each time. 0 is no node.
using node_id = std::uint64_t;

/// The largest one, so that every reader of JSON knows it.
inline constexpr node_id largest_node = (node_id{1} << 53) - 1;

/// The names of nodes. They are of letters and digits, and do not change.
using node_names = std::map<node_id, std::string>;

/// What `input::nodes_changed` says.
struct living_nodes {
  node_id self;
  node_names all;  ///< those who live, with this one; empty if that is not known
};

/// Nothing for a text that says something else.
std::optional<living_nodes> read_nodes(std::string_view json);

/// Whether a node may have this name.
bool is_node_name(std::string_view name);

}  // namespace downbeat
