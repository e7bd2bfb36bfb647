#pragma once

#include "redis/redis_connection.hpp"

#include <cstdint>
#include <string>

namespace downbeat::host {

/// Of the layout in `redis_scripts.hpp`.
inline constexpr std::int64_t redis_layout = 2;

/// Throws redis_away if it is one of the errors that pass.
void let_pass(const redis_reply& reply);

/// Refuses a Redis that would lose sessions, or could not keep them. Returns the id of its process.
/// Throws unusable_journal, or redis_away for what passes.
std::string check_redis(redis_connection& connection);

}  // namespace downbeat::host
