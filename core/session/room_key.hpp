#pragma once

#include "shard.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::session {

/// What is left of a room code once all is gone that people get wrong: capital letters and digits
/// without a separator, in which O reads as 0, and I and L read as 1. Live rooms have different
/// keys, and so no two live codes look alike.
using room_key = std::string;

/// The key of a code as somebody typed it, in UTF-8; nothing when it cannot be anybody's code.
std::optional<room_key> fold(std::string_view code);

/// Whether a text of nothing but capital letters and digits has this key.
bool is_key_of(std::string_view key, std::string_view text);

/// The shard that a room with this key belongs to, or would if there were one.
shard_index shard_of(const room_key& key, shard_index shards);

}  // namespace downbeat::session
