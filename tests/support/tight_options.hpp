#pragma once

#include "jam/options.hpp"

namespace downbeat::test {

/// Limits so low, and times so short, that random actions reach all of them.
inline jam::options tight_options() {
  jam::options o;
  o.engineio.ping_interval_ms = 1'000;
  o.engineio.ping_timeout_ms = 800;
  o.engineio.upgrade_timeout_ms = 900;
  o.engineio.close_timeout_ms = 1'500;
  o.engineio.max_payload_bytes = 2'000;
  o.socketio.connect_timeout_ms = 2'500;
  o.engineio.max_messages_per_second = 40;
  o.socketio.max_attachments = 3;
  o.socketio.attachment_timeout_ms = 700;
  o.socketio.max_connects_per_minute = 5;
  o.socketio.max_buffered_bytes = 5'000;
  o.session.max_participants = 4;
  o.session.max_sessions = 5;
  o.max_event_bytes = 300;
  o.max_depth = 6;
  o.max_events_per_second = 2;
  o.max_joins_per_minute = 400;
  o.max_failed_joins_per_minute = 150;
  o.max_failed_joins_per_hour_by_address = 1'200;
  return o;
}

}  // namespace downbeat::test
