#pragma once

#include "shard.hpp"

#include <string>

namespace downbeat::trace {

/// What one shard tells another, as JSON for people to read.
std::string json_of(const between_shards::message& what);

/// What a host must know of a connection that moves.
std::string json_of(const parcel& what);

}  // namespace downbeat::trace
