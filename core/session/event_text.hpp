#pragma once

#include "session/event.hpp"
#include "session/room.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Events and rooms as JSON, in the form that journals store. Every object begins with its version.
/// Reading is strict: it accepts only what writing produces, apart from whitespace. A missing,
/// unknown, duplicate or misplaced member is an error.
namespace downbeat::session {

/// `{"v":1,"type":"joined","room":…,…}`
std::string write_event(const any_event& event);
/// A JSON array of events.
std::string write_events(std::span<const any_event> events);

/// Reads an array of events from untrusted JSON. Nothing if any event is invalid.
std::optional<std::vector<any_event>> read_events(std::string_view json);

/// A room's state as JSON, without reservations, which belong to this process alone.
std::string write_snapshot(const room& of);
/// Reads what `write_snapshot` wrote; nothing for any other text.
std::optional<room> read_snapshot(std::string_view json);

/// A number to compare the states of a room in two processes; 0 if there is no room.
std::uint64_t digest_of(const std::optional<room>& state);
std::uint64_t digest_of(const room& state);

}  // namespace downbeat::session
