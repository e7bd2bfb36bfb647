#pragma once

#include <string>
#include <string_view>

/// The lineages of a store, the latest first, with spaces between. A new one begins when a node has
/// repaired the store. A node whose own lineage is among them has only missed that; without it the
/// store has lost what this node knows.
namespace downbeat::cluster {

std::string_view latest(std::string_view lineages);
bool has_lineage(std::string_view lineages, std::string_view which);
/// The new one, followed by all others, as far as they are recent.
std::string join_lineages(std::string_view latest, std::string_view own, std::string_view other);

}  // namespace downbeat::cluster
