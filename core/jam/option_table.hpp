#pragma once

#include "jam/options.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

/// Every number that can be set of a jam server, one row each. From it come the settings in traces
/// and in JavaScript (settings.cpp), the command line, the environment and the configuration file
/// of `downbeat serve` (host-native/cli/option_table.cpp), and by `scripts/generate-tables.mjs` the
/// types of the npm package and the tables of the documentation. A new option is a field in
/// options.hpp and a row here.
///
/// The texts are for the native program. The core takes only names, places and bounds out of the
/// rows at compile time, so that the WebAssembly module does not carry the rest.
namespace downbeat::jam {

/// Where the help and the documentation list an option.
enum class option_group : std::uint8_t {
  time,
  limit,  ///< what one client, or all together, may use; can be changed while the server runs
  size,   ///< likewise, but it cannot be lifted
};

/// What 0 stands for.
enum class zero : std::uint8_t {
  refused,  ///< the least is 1
  none,     ///< the number itself
  lifts,    ///< there is no limit
};

struct option_row {
  /// In traces and in JavaScript, such as `pingInterval`. The command line has `--ping-interval`,
  /// the file `ping-interval` and the environment `DOWNBEAT_PING_INTERVAL`.
  std::string_view name;
  std::int64_t& (*in)(options&);
  option_group group;
  std::string_view unit;  ///< `ms`, `bytes` …, or empty if `what` says what is counted
  enum zero zero = zero::refused;
  std::string_view what;                ///< one plain sentence without its full stop
  std::string_view more_of_serve = {};  ///< what is true of `downbeat serve` only
  /// What servers start with, if that is not the field's own default: a trace that does not name
  /// the option means the latter, so it can never change.
  std::optional<std::int64_t> default_of_servers = {};
  /// The greatest value that `downbeat serve` takes. JSON takes every 31-bit number.
  std::int64_t max_of_serve = 2'147'483'647;
  bool is_lifted_by_no_limits = false;
  bool is_of_serve = true;
  /// Whether it does anything in a tab, where there are no polling clients.
  bool is_of_tab = true;
};

/// The number at the end of a path of members: `at<&options::session, &limits::max_sessions>`.
template <auto... path>
constexpr std::int64_t& at(options& of) {
  return (of.*....*path);
}

// clang-format off
inline constexpr std::array<option_row, 27> option_table = {{
    {.name = "pingInterval", .in = at<&options::engineio, &engineio::options::ping_interval_ms>,
     .group = option_group::time, .unit = "ms",
     .what = "From the handshake, or from the last pong, to the next ping"},
    {.name = "pingTimeout", .in = at<&options::engineio, &engineio::options::ping_timeout_ms>,
     .group = option_group::time, .unit = "ms",
     .what = "How long to wait for the pong before the connection is closed; with --ping-interval at most 2147483647 in sum"},
    {.name = "upgradeTimeout", .in = at<&options::engineio, &engineio::options::upgrade_timeout_ms>,
     .group = option_group::time, .unit = "ms",
     .what = "How long a WebSocket may take to replace polling",
     .is_of_tab = false},
    {.name = "closeTimeout", .in = at<&options::engineio, &engineio::options::close_timeout_ms>,
     .group = option_group::time, .unit = "ms",
     .what = "How long a closed polling connection waits for a last GET",
     .is_of_serve = false, .is_of_tab = false},
    {.name = "reconnectGrace", .in = at<&options::reconnect_grace_s>,
     .group = option_group::time, .unit = "seconds", .zero = zero::none,
     .what = "Seconds that a seat is kept for a participant whose connection is lost; 0 keeps none",
     .default_of_servers = 120, .max_of_serve = 86'400},
    {.name = "seatHold", .in = at<&options::seat_hold_s>,
     .group = option_group::time, .unit = "seconds", .zero = zero::none,
     .what = "Seconds that a participant must be away before a newcomer may take the seat in a full session",
     .max_of_serve = 86'400},
    {.name = "maxPayload", .in = at<&options::engineio, &engineio::options::max_payload_bytes>,
     .group = option_group::size, .unit = "bytes",
     .what = "Size of one WebSocket message or POST",
     .more_of_serve = "; unless it is given, four times --max-event-bytes if that is more",
     .max_of_serve = 1'000'000'000},
    {.name = "maxMessagesPerSecond", .in = at<&options::engineio, &engineio::options::max_messages_per_second>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "WebSocket frames, or packets in POSTs, of one client that are read per second, after a burst of a tenth; the others wait",
     .is_lifted_by_no_limits = true, .is_of_tab = false},
    {.name = "maxQueuedBytes", .in = at<&options::engineio, &engineio::options::max_queued_bytes>,
     .group = option_group::limit, .unit = "bytes", .zero = zero::lifts,
     .what = "Send buffer of one client; a slower reader is disconnected",
     .is_of_tab = false},
    {.name = "maxQueuedBytesInAll", .in = at<&options::engineio, &engineio::options::max_queued_bytes_in_all>,
     .group = option_group::limit, .unit = "bytes", .zero = zero::lifts,
     .what = "Send buffers of all clients: once for WebSockets with HTTP responses, once for polling, once for unfinished binary events; past it the clients with the most are disconnected"},
    {.name = "connectTimeout", .in = at<&options::socketio, &socketio::options::connect_timeout_ms>,
     .group = option_group::time, .unit = "ms",
     .what = "From the Engine.IO handshake to the first Socket.IO CONNECT"},
    {.name = "attachmentTimeout", .in = at<&options::socketio, &socketio::options::attachment_timeout_ms>,
     .group = option_group::limit, .unit = "ms", .zero = zero::lifts,
     .what = "From the text of a binary event to its last attachment"},
    {.name = "maxNamespaceConnectsPerMinute", .in = at<&options::socketio, &socketio::options::max_connects_per_minute>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "CONNECT packets of one client per minute, before it is disconnected",
     .is_lifted_by_no_limits = true},
    {.name = "maxAttachments", .in = at<&options::socketio, &socketio::options::max_attachments>,
     .group = option_group::limit, .unit = "", .zero = zero::none,
     .what = "Binary attachments of one event; 0 allows none"},
    {.name = "maxParticipants", .in = at<&options::session, &session::limits::max_participants>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Participants in one session",
     .is_lifted_by_no_limits = true},
    {.name = "maxSessions", .in = at<&options::session, &session::limits::max_sessions>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Sessions at one time",
     .is_lifted_by_no_limits = true},
    {.name = "maxAwaySeatsByAddress", .in = at<&options::max_away_seats_by_address>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Seats kept at one time for participants of one address who are away; beyond it that address's longest kept one ends",
     .more_of_serve = "; unless it is given, --max-connections-by-address if that is less",
     .is_lifted_by_no_limits = true},
    {.name = "maxAwaySeats", .in = at<&options::max_away_seats>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Seats kept at one time for all participants who are away",
     .more_of_serve = "; unless it is given, --max-connections if that is less",
     .is_lifted_by_no_limits = true},
    {.name = "maxEventBytes", .in = at<&options::max_event_bytes>,
     .group = option_group::limit, .unit = "bytes", .zero = zero::lifts,
     .what = "Size of one session:event, its JSON and its attachments together"},
    {.name = "maxDepth", .in = at<&options::max_depth>,
     .group = option_group::limit, .unit = "levels", .zero = zero::lifts,
     .what = "How deep the payload of an event may nest"},
    {.name = "maxNameLength", .in = at<&options::max_name_length>,
     .group = option_group::limit, .unit = "characters", .zero = zero::lifts,
     .what = "Length of a name or an instrument"},
    {.name = "maxEventsPerSecond", .in = at<&options::max_events_per_second>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Each client's session:event messages per second, after a burst of three times as many",
     .is_lifted_by_no_limits = true},
    {.name = "maxJoinsPerMinute", .in = at<&options::max_joins_per_minute>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Creates and joins of one client per minute",
     .is_lifted_by_no_limits = true},
    {.name = "maxJoinsPerMinuteByAddress", .in = at<&options::max_joins_per_minute_by_address>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Creates and joins of one address per minute",
     .is_lifted_by_no_limits = true},
    {.name = "maxFailedJoinsPerMinute", .in = at<&options::max_failed_joins_per_minute>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Joins of one client per minute that find no session",
     .is_lifted_by_no_limits = true},
    {.name = "maxFailedJoinsPerHourByAddress", .in = at<&options::max_failed_joins_per_hour_by_address>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Joins of one address per hour that find no session",
     .is_lifted_by_no_limits = true},
    {.name = "maxFailedJoinsPerDay", .in = at<&options::max_failed_joins_per_day>,
     .group = option_group::limit, .unit = "", .zero = zero::lifts,
     .what = "Failed joins per day, over all clients, before lockdown starts (longer codes, two failed joins per address)",
     .is_lifted_by_no_limits = true},
}};
// clang-format on

/// The options of a server that was given none.
constexpr options server_defaults() {
  options all;
  for (const option_row& row : option_table) {
    if (row.default_of_servers) row.in(all) = *row.default_of_servers;
  }
  return all;
}

}  // namespace downbeat::jam
