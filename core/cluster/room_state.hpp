#pragma once

#include "cluster/log_store.hpp"
#include "session/room.hpp"

#include <optional>
#include <string>

namespace downbeat::cluster {

/// The state to which a room's snapshot and log lead. Nothing if they are damaged; then `fault`
/// says so, for the operator.
std::optional<session::room> read_state(const std::string& code, const stored_room& from,
                                        std::string& fault);

}  // namespace downbeat::cluster
