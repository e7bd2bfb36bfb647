#pragma once

#include "engineio/options.hpp"
#include "session/limits.hpp"
#include "socketio/options.hpp"
#include "socketio/transport.hpp"

#include <cstdint>

namespace downbeat::jam {

/// Where the events of rooms are stored before they take effect.
enum class journal_kind : std::uint8_t {
  memory,  ///< nowhere: appends succeed in the same step
  host,    ///< at the host, by `output::append` and `input::append_answered`
};

/// All settings of a jam server, with a part for each layer. 0 means no limit unless noted.
struct options {
  /// Messages are limited to little more than the largest event, so that incomplete ones take
  /// little memory.
  engineio::options engineio{.max_payload_bytes = 65'536, .max_messages_per_second = 5'000};
  /// Stricter than Socket.IO's defaults: clients connect to one namespace and send attachments
  /// right after their packet, so they do not need 45 seconds.
  socketio::options socketio{
      .connect_timeout_ms = 10'000, .attachment_timeout_ms = 10'000, .max_connects_per_minute = 10};
  session::limits session;
  /// Bytes of a `session:event`, JSON and attachments together.
  std::int64_t max_event_bytes = 16 * 1024;
  /// Nesting depth of the payload of any event.
  std::int64_t max_depth = 32;
  /// `session:event`s of one socket per second, with a burst of three times as many.
  std::int64_t max_events_per_second = 100;
  /// Characters of a name or an instrument.
  std::int64_t max_name_length = 32;
  /// Creates and joins per minute, by one socket and by all clients of one address.
  std::int64_t max_joins_per_minute = 600;
  std::int64_t max_joins_per_minute_by_address = 6'000;
  /// Joins that find no session, by one socket per minute and from one address per hour. They make
  /// guessing codes pointless, but must allow a class behind one address to mistype.
  std::int64_t max_failed_joins_per_minute = 30;
  std::int64_t max_failed_joins_per_hour_by_address = 100;
  /// Joins of all clients per day that find no session, before lockdown begins. They count by their
  /// weight: less if the guess had little chance.
  std::int64_t max_failed_joins_per_day = 10'000;
  /// How long the seat of a participant is kept whose connection is lost. 0 keeps none: then a lost
  /// connection leaves the session, and clients get no `pid`. Cannot change while the engine runs.
  /// Servers start with another default, see `server_defaults`.
  std::int64_t reconnect_grace_s = 0;
  /// How long a participant may be away before a newcomer may take the seat in a full session.
  std::int64_t seat_hold_s = 15;
  /// Participants who are away, of one address and in all. Beyond that the seat ends that has been
  /// kept longest for the same address.
  std::int64_t max_away_seats_by_address = 1'000;
  std::int64_t max_away_seats = 20'000;
  /// Cannot change while the engine runs.
  journal_kind journal = journal_kind::memory;
};

/// The most bytes of an incomplete binary event, text and attachments together: a message, or the
/// largest event with its packet, if that is more. Without a limit of events: a text and
/// `max_attachments` messages.
std::int64_t max_packet_bytes(const options& of);

/// The settings of the lower layers, with those that follow from other settings.
socketio::options socketio_options(const options& of);
socketio::transport_limits transport_limits(const options& of);

}  // namespace downbeat::jam
