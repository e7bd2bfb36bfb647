#pragma once

#include "shard.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::session {

/// A canonical code: capital letters and digits without separator, with O read as 0, and I and L
/// read as 1. Users confuse these. All live rooms have different canonical codes.
using canonical_code = std::string;

/// The canonical code of UTF-8 text as a user typed it; nothing if no code looks like that.
std::optional<canonical_code> canonicalize(std::string_view code);

/// Whether `key` is the canonical code of a text of capital letters and digits.
bool is_canonical_of(std::string_view key, std::string_view text);

/// The shard that rooms with this canonical code belong to, whether there is such a room or not.
shard_index shard_of(const canonical_code& key, shard_index shards);

}  // namespace downbeat::session
