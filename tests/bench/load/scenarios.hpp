#pragma once

#include "load/arguments.hpp"
#include "load/crowd.hpp"
#include "load/process_meter.hpp"
#include "load/report.hpp"

/// What the load generator can do to a server. Each adds what it found to the report, and answers
/// whether every message arrived as it should.
namespace downbeat::bench {

/// Rooms in which everyone plays, at a fixed rate or as fast as the server relays.
bool play(crowd& all, const process_meter& server, arguments& given, report& found);

/// Connections that are opened and join the main namespace.
bool connect(crowd& all, const process_meter& server, arguments& given, report& found);

/// One member of a room joins and leaves it, again and again.
bool cycle(crowd& all, const process_meter& server, arguments& given, report& found);

/// Rooms with two members that each live for one event: connect, create, join, play, leave, close.
bool life(crowd& all, const process_meter& server, arguments& given, report& found);

/// Memory: at start, of idle connections, and of rooms.
bool idle(crowd& all, const process_meter& server, arguments& given, report& found);

/// Many rooms for a long time, whose members come and go in every way: books of every message and
/// of who is there, and the server's memory.
bool soak(crowd& all, const process_meter& server, arguments& given, report& found);

}  // namespace downbeat::bench
