#pragma once

#include "load/arguments.hpp"
#include "load/crowd.hpp"
#include "load/process_meter.hpp"
#include "load/report.hpp"

/// The scenarios. Each adds its results to the report, and returns whether every message arrived as
/// it should.
namespace downbeat::bench {

/// Rooms in which all members play, at a fixed rate or as fast as the server relays.
bool play(crowd& all, const process_meter& server, arguments& given, report& found);

/// Connects clients that join the main namespace.
bool connect(crowd& all, const process_meter& server, arguments& given, report& found);

/// One member of each room joins and leaves it, again and again.
bool cycle(crowd& all, const process_meter& server, arguments& given, report& found);

/// Rooms with two members that exist for one event: connect, create, join, play, leave, close.
bool life(crowd& all, const process_meter& server, arguments& given, report& found);

/// Members join rooms at a fixed rate.
bool joins(crowd& all, const process_meter& server, arguments& given, report& found);

/// Memory: at the start, with idle connections, and with rooms.
bool idle(crowd& all, const process_meter& server, arguments& given, report& found);

/// Many rooms for a long time, whose members come and go in every way. Checks every message, every
/// list of members, and the server's memory.
bool soak(crowd& all, const process_meter& server, arguments& given, report& found);

}  // namespace downbeat::bench
