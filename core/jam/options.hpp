#pragma once

#include <cstdint>

#include "engineio/options.hpp"
#include "session/limits.hpp"
#include "socketio/options.hpp"

namespace downbeat::jam {

/// Everything that can be set of a jam server; each layer knows its own part.
struct options {
  engineio::options engineio;
  socketio::options socketio;
  session::limits session;
  /// The largest `session:event`, its JSON and its attachments together; 0 lifts the limit.
  std::int64_t max_event_bytes = 16 * 1024;
  /// How deep the payload of any event may nest; 0 lifts the limit.
  std::int64_t max_depth = 32;
};

}  // namespace downbeat::jam
