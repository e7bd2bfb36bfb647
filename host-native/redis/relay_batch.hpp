#pragma once

#include "node.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

/// Messages of one loop for another node, as they are published together. All numbers are unsigned,
/// with the lowest byte first:
///
///     1 byte    version of this layout: 1
///     8 bytes   the node that sends
///     4 bytes   the index of its loop
///     8 bytes   number of the first message; each loop numbers those to one node from 1
///     then for each message:
///     4 bytes   its size
///     …         its bytes
struct relay_batch {
  node_id from = 0;
  std::uint32_t loop = 0;
  std::uint64_t first = 0;
  std::vector<std::string_view> messages = {};
};

/// Begins a batch without messages.
void begin_batch(std::string& into, node_id from, std::uint32_t loop, std::uint64_t first);
/// Appends a message of less than 4 GiB.
void append_to_batch(std::string& batch, std::string_view message);
/// Its messages borrow from the bytes. Nothing if this is no batch, or one of another version.
std::optional<relay_batch> read_batch(std::string_view bytes);

}  // namespace downbeat::host
