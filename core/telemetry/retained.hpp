#pragma once

#include <cstdint>
#include <optional>

namespace downbeat {

/// The bytes that the server keeps for one client.
struct retained {
  std::int64_t bytes;
  /// The most that there can be, whatever the client does. Nothing if an option lifts a limit that
  /// this follows from.
  std::optional<std::int64_t> limit;
};

}  // namespace downbeat
