#pragma once

#include "engineio/options.hpp"
#include "session/limits.hpp"
#include "socketio/options.hpp"

#include <cstdint>

namespace downbeat::jam {

/// Everything that can be set of a jam server; each layer knows its own part.
struct options {
  /// A message is not much larger than the largest event, so that half-sent ones do not cost much.
  engineio::options engineio{.max_payload_bytes = 65'536};
  /// Nobody needs three quarters of a minute to say who they are.
  socketio::options socketio{.connect_timeout_ms = 10'000};
  session::limits session;
  /// The largest `session:event`, its JSON and its attachments together; 0 lifts the limit.
  std::int64_t max_event_bytes = 16 * 1024;
  /// How deep the payload of any event may nest; 0 lifts the limit.
  std::int64_t max_depth = 32;
  /// `session:event`s of one socket in a second, after a burst of three times as many; 0 lifts it.
  std::int64_t max_events_per_second = 100;
  /// Characters of a name or an instrument; 0 lifts the limit.
  std::int64_t max_name_length = 32;
  /// Sessions that one socket, and all from one address, create or join in a minute; 0 lifts a
  /// limit.
  std::int64_t max_joins_per_minute = 600;
  std::int64_t max_joins_per_minute_by_address = 6'000;
  /// Joins that find no session, by one socket in a minute and from one address in an hour:
  /// guessing codes shall not pay, while a classroom behind one address may mistype. 0 lifts a
  /// limit.
  std::int64_t max_failed_joins_per_minute = 30;
  std::int64_t max_failed_joins_per_hour_by_address = 100;
  /// Joins of all in a day that find no session, before the server is on its guard against those
  /// who guess; those count less that could hardly have found one. 0 lifts the limit.
  std::int64_t max_failed_joins_per_day = 10'000;
};

}  // namespace downbeat::jam
