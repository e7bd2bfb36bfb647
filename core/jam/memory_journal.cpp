#include "jam/memory_journal.hpp"

#include "session/canonical_code.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "session/room_code.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {

const session::participant another_writer{"another writer's", "Ghost", "theremin"};

}  // namespace

void memory_journal::append(instant_ms now, const output::append& what) {
  using outcome = input::append_answered::outcome;
  answer result{what.append_id, outcome::appended, {}};
  const auto events = session::read_events(what.events);
  const auto found = logs_.find(what.room);
  std::vector<session::any_event> tail;
  if (found != logs_.end()) {
    const auto& all = found->second.events;
    const std::size_t known = std::min(static_cast<std::size_t>(what.expected_head), all.size());
    tail.assign(all.begin() + static_cast<std::ptrdiff_t>(known), all.end());
  }
  if (written_.count(what.append_id) != 0) {
    // This append was written before; answer the same again.
  } else if (!events || faults_.fails) {
    result.how = outcome::failed;
  } else if (faults_.conflicts || !tail.empty()) {
    if (tail.empty()) {
      tail = events_of_others(what.room);
      write(what.room, tail);
    }
    result.how = outcome::conflict;
    result.events = session::write_events(tail);
  } else if (what.expected_head != (found == logs_.end() ? 0 : found->second.events.size())) {
    result.how = outcome::failed;
  } else {
    write(what.room, *events);
    written_.insert(what.append_id);
  }
  instant_ms at = now + faults_.delay_ms;
  if (faults_.is_unknown) {
    due_.emplace(std::pair(at, ++answers_), answer{what.append_id, outcome::unknown, {}});
    at += faults_.delay_ms;
  }
  due_.emplace(std::pair(at, ++answers_), std::move(result));
}

std::optional<instant_ms> memory_journal::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first.first;
}

std::optional<memory_journal::answer> memory_journal::take_due(instant_ms now) {
  if (due_.empty() || due_.begin()->first.first > now) return std::nullopt;
  return std::move(due_.extract(due_.begin()).mapped());
}

void memory_journal::restart() {
  due_.clear();
  written_.clear();
}

void memory_journal::forget() {
  restart();
  for (auto at = logs_.begin(); at != logs_.end();) {
    at->second.events.resize(at->second.before_last,
                             session::any_event(session::event::closed{at->first}));
    at = at->second.events.empty() ? logs_.erase(at) : std::next(at);
  }
}

std::vector<session::room> memory_journal::rooms() const {
  std::vector<session::room> all;
  for (const auto& [code, kept] : logs_) {
    std::optional<session::room> state;
    for (const session::any_event& event : kept.events) evolve(state, event);
    if (state) all.push_back(*std::move(state));
  }
  return all;
}

const std::vector<session::any_event>* memory_journal::log_of(const std::string& room) const {
  const auto found = logs_.find(room);
  return found == logs_.end() ? nullptr : &found->second.events;
}

void memory_journal::write(const std::string& room, const std::vector<session::any_event>& events) {
  log& kept = logs_[room];
  kept.before_last = kept.events.size();
  kept.events.insert(kept.events.end(), events.begin(), events.end());
  if (std::holds_alternative<session::event::closed>(kept.events.back())) logs_.erase(room);
}

/// The events of a simulated other writer: a participant joins and leaves; if the room does not
/// exist, it is created and closed as well.
std::vector<session::any_event> memory_journal::events_of_others(const std::string& room) const {
  std::vector<session::any_event> events;
  const bool is_new = logs_.count(room) == 0;
  if (is_new) {
    const auto key = session::canonicalize(room);
    const session::code_format* const format = key ? session::format_of(*key) : nullptr;
    const std::ptrdiff_t nth = format == nullptr ? 0 : format - session::code_formats().data();
    events.push_back(
        session::event::created{room, 1, static_cast<std::uint32_t>(nth), another_writer});
  } else {
    events.push_back(session::event::joined{room, another_writer, false});
  }
  events.push_back(session::event::left{room, another_writer.id, session::departure::left});
  if (is_new) events.push_back(session::event::closed{room});
  return events;
}

}  // namespace downbeat::jam
