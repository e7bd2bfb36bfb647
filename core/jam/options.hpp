#pragma once

#include "engineio/options.hpp"
#include "session/limits.hpp"
#include "socketio/options.hpp"

#include <cstdint>

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
  /// `session:event`s of one socket in a second, after a burst of three times as many; 0 lifts it.
  std::int64_t max_events_per_second = 100;
  /// Sessions that one socket creates or joins in a minute; 0 lifts the limit.
  std::int64_t max_joins_per_minute = 600;
  /// Joins in a minute that find no session, by one socket and from one address: guessing codes
  /// shall not pay, while a classroom behind one address may mistype. 0 lifts a limit.
  std::int64_t max_failed_joins_per_minute = 30;
  std::int64_t max_failed_joins_per_minute_by_address = 300;
};

}  // namespace downbeat::jam
