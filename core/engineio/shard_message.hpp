#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Messages between the Engine.IO layers of two shards.
namespace downbeat::engineio::shard_message {

/// A connection that was on the receiving shard is closed. Remove it from the forwarding table.
struct connection_closed {
  std::string sid;
};

/// The message as compact JSON.
std::string write(const connection_closed& message);

/// Reads a message from checked, compact JSON. Nothing unless `write` would produce exactly this
/// text.
std::optional<connection_closed> read(std::string_view json);

}  // namespace downbeat::engineio::shard_message
