// Rooms whose events the host stores. Each room has at most one outstanding append:
//
//     here                                     the host
//     a join is decided; its client is held
//     and a place is reserved for it
//                     append      ─────────▶
//     other commands wait in the queue;
//     departures apply at once and are owed:
//     they must be in the next append. With
//     several nodes the members are notified then,
//     so that all nodes have one order
//                                 ◀─────────   appended
//     the join takes effect and is sent to
//     clients; owed events and the queue, decided
//     in order on a scratch copy of the room, follow
//                     append      ─────────▶
//
// A leave takes effect at once, too, but is acknowledged when the journal has it or has failed. On
// a conflict another process has appended first. The room is rebuilt from the log and the owed
// events, its members get the differences, and the queue is decided again. After a failure the
// waiting clients get `try_again`; owed events are appended again after a pause. While the result
// of an append is unknown, no command of its room is decided.

#include "jam/application.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace downbeat::jam {
namespace {

/// Restored rooms that are appended to at one time; the others follow when these are answered.
constexpr std::size_t most_restored_appends = 500;

/// Those who are in several of the rooms, with the highest number of a move.
std::map<session::participant_id, std::uint32_t> moved_participants(
    const std::vector<session::room>& rooms) {
  std::vector<const session::participant*> all;
  for (const session::room& room : rooms) {
    for (const session::participant& who : room.participants) all.push_back(&who);
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  std::map<session::participant_id, std::uint32_t> moved;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (!(all[i]->id == all[i - 1]->id)) continue;
    std::uint32_t& last = moved[all[i]->id];
    last = std::max({last, all[i]->move, all[i - 1]->move});
  }
  return moved;
}

}  // namespace

std::optional<session::room> application::read_restored(std::string_view snapshot) const {
  if (!is_journaled()) return std::nullopt;
  auto room = session::read_snapshot(snapshot);
  const auto key = room ? session::canonicalize(room->code) : std::nullopt;
  const bool is_here = key && session::shard_of(*key, here_.count) == here_.index;
  return is_here ? std::move(room) : std::nullopt;
}

void application::room_restored(std::string_view snapshot) {
  auto room = may_restore_ ? read_restored(snapshot) : std::nullopt;
  if (room) to_restore_.push_back(*std::move(room));
}

void application::restore_finished(instant_ms now) {
  std::vector<session::room> rooms = std::exchange(to_restore_, {});
  if (!std::exchange(may_restore_, false)) return;
  if (node_ != 0) return restore_beside_others(now, std::move(rooms));
  const std::map<session::participant_id, std::uint32_t> last_moves = moved_participants(rooms);
  std::set<session::participant_id> placed;  // of those who are in several
  for (session::room& room : rooms) {
    if (directory_.find(room.code) != nullptr || queues_.count(room.code) != 0) continue;
    // In a file that no engine has written, one may be in two rooms by the same move.
    for (session::participant& who : room.participants) {
      const auto last = last_moves.find(who.id);
      if (last == last_moves.end() || who.move < last->second) continue;
      if (!placed.insert(who.id).second) who.move = 0;
    }
    const bool has_moved = std::any_of(room.participants.begin(), room.participants.end(),
                                       [&](const session::participant& who) {
                                         const auto last = last_moves.find(who.id);
                                         return last != last_moves.end() && who.move < last->second;
                                       });
    const bool is_kept =
        keeps_seats() && !has_moved && !room.participants.empty() &&
        std::all_of(room.participants.begin(), room.participants.end(),
                    [](const session::participant& who) { return who.pid_hash != nullptr; });
    is_kept ? restore_kept(now, std::move(room))
            : restore_changed(now, std::move(room), last_moves);
  }
  flush_restored(now);
}

// The usual case, and there may be hundreds of thousands: only what tells the log's state from the
// present one is remembered, until it is appended.
void application::restore_kept(instant_ms now, session::room room) {
  restored_room log{room.host_id, room.head.seq, room.is_host_acting, {}};
  const std::int64_t wall_ms = wall_to_journal(now);
  const std::string code = room.code;
  for (std::size_t i = 0; i < room.participants.size(); ++i) {
    session::participant& who = room.participants[i];
    keep_restored_seat(now, who);
    if (who.is_away) continue;
    log.lost.push_back(static_cast<std::uint32_t>(i));
    who.is_away = true;
    who.away_since_wall_ms = wall_ms;
  }
  room.head.seq += log.lost.size();
  if (const auto host = decide_host(room)) evolve(room, *host);
  if (room.head.seq != log.seq) restored_.emplace(code, std::move(log));
  directory_.load(std::move(room));
}

std::vector<session::any_event> application::take_owed(const restored_room& log,
                                                       session::room& state) {
  std::vector<session::any_event> owed;
  const session::participant_id host = std::exchange(state.host_id, log.host);
  const bool is_acting = std::exchange(state.is_host_acting, log.is_host_acting);
  const bool has_new_host = state.head.seq != log.seq + log.lost.size();
  for (const std::uint32_t i : log.lost) {
    session::participant& who = state.participants[i];
    owed.push_back(session::event::lost{state.code, who.id, who.away_since_wall_ms, who.node});
    who.is_away = false;
    who.away_since_wall_ms = 0;
  }
  if (has_new_host) owed.push_back(session::event::host_changed{state.code, host, is_acting});
  state.head.seq = log.seq;
  return owed;
}

// After a crash between the two appends of a move, a participant is in both rooms. And without
// seats everybody has left.
void application::restore_changed(
    instant_ms now, session::room room,
    const std::map<session::participant_id, std::uint32_t>& last_moves) {
  const std::string code = room.code;
  // Who has moved is left out before the directory sees the room: it knows one room of a user.
  std::optional<session::room> state = room;
  std::vector<session::any_event> owed;
  for (const session::participant& who : room.participants) {
    const auto last = last_moves.find(who.id);
    if (last == last_moves.end() || who.move >= last->second) continue;
    if (who.is_away) {
      owed.push_back(session::event::gone{code, who.id, session::seat_end::moved, who.node});
    } else {
      owed.push_back(session::event::left{code, who.id, session::departure::moved});
    }
    evolve(state, owed.back());
  }
  directory_.load(*state);
  room_queue& queue = queue_of(code);
  queue.confirmed = std::move(room);
  for (const session::participant& who : state->participants) {
    session::any_event event;
    if (keeps_seats() && who.pid_hash) {
      keep_restored_seat(now, who);
      if (who.is_away) continue;
      event = session::event::lost{code, who.id, wall_to_journal(now), who.node};
    } else if (who.is_away) {
      event = session::event::gone{code, who.id, session::seat_end::expired, who.node};
    } else {
      event = session::event::left{code, who.id, session::departure::disconnected};
    }
    directory_.evolve(event);
    owed.push_back(std::move(event));
  }
  queue.owed = std::move(owed);
  const session::room& now_there = *directory_.find(code);
  std::optional<session::any_event> last = decide_host(now_there);
  if (now_there.participants.empty()) last = session::event::closed{code};
  if (last) {
    directory_.evolve(*last);
    queue.owed.push_back(*std::move(last));
  }
  flush(now, code);
}

bool application::has_restored_to_flush() const {
  return !restored_.empty() && rooms_by_append_.size() < most_restored_appends;
}

void application::flush_restored(instant_ms now) {
  while (has_restored_to_flush()) {
    const std::string code = restored_.begin()->first;
    queue_of(code);
    restored_.erase(code);
    flush(now, code);
  }
}

room_queue& application::queue_of(const std::string& code) {
  const auto [found, is_new] = queues_.try_emplace(code);
  room_queue& queue = found->second;
  if (!is_new) return queue;
  queue.is_announced = node_ == 0;
  const session::room* const room = directory_.find(code);
  if (room != nullptr) queue.confirmed = *room;
  if (const auto restored = restored_.find(code); restored != restored_.end()) {
    queue.owed = take_owed(restored->second, *queue.confirmed);
    restored_.erase(restored);
  }
  directory_.withhold_code(code, room == nullptr);
  return queue;
}

void application::enqueue(pending_command what) {
  const submitted_command& e = what.what;
  const instant_ms now = e.now;
  const std::string code(session::room_of(what.events.front()));
  if (std::holds_alternative<session::command::join>(e.command)) {
    // Keep the room open and a place free until the append succeeds.
    give_up_reservation(e, directory_.reserve(user_of(e.command), code));
  }
  room_queue& queue = queue_of(code);
  if (e.is_from_shard)
    entering_.insert_or_assign(user_of(e.command), entering_participant{code, e.reply_to});
  hold_caller(e, code);
  queue.waiting.push_back(std::move(what));
  flush(now, code);
}

void application::hold_caller(const submitted_command& e, const std::string& code) {
  const socketio::socket* const socket = server_.find(e.caller);
  if (socket == nullptr) return;
  server_.pause(*socket);
  const auto [found, is_new] =
      pending_callers_.try_emplace(e.caller, pending_caller{code, e.now + journal_timeout_ms});
  found->second.room = code;
  if (is_new) caller_deadlines_.set(found->second.until, e.caller);
}

void application::answer_held(instant_ms now, const std::vector<submitted_command>& held) {
  for (const submitted_command& e : held) answer_departure(e);
  // Last, because clients that continue may send any command.
  for (const submitted_command& e : held) release_caller(now, e.caller);
}

bool application::answer_held(const socketio::socket& socket) {
  const auto pending = pending_callers_.find(socket.number);
  const auto found =
      pending == pending_callers_.end() ? queues_.end() : queues_.find(pending->second.room);
  if (found == queues_.end()) return false;
  room_queue& queue = found->second;
  for (auto* const held : {&queue.held, queue.outstanding ? &queue.outstanding->held : nullptr}) {
    if (held == nullptr) continue;
    const auto at = std::find_if(held->begin(), held->end(), [&](const submitted_command& one) {
      return one.caller == socket.number;
    });
    if (at == held->end()) continue;
    const submitted_command e = std::move(*at);
    held->erase(at);
    caller_deadlines_.cancel(pending->second.until, socket.number);
    pending_callers_.erase(pending);
    answer_departure(e);
    return true;
  }
  return false;
}

void application::answer_held_before(const submitted_command& e, const socketio::socket& socket) {
  if (socket.number != e.caller && answer_held(socket)) continuing_.push_back(socket.number);
}

session::decision application::decide_again(const std::optional<session::room>& scratch,
                                            const pending_command& what) const {
  const session::any_command& command = what.what.command;
  if (const auto* const update = std::get_if<session::command::update>(&command)) {
    return decide_update(scratch ? &*scratch : nullptr, *update);
  }
  if (const auto* const join = std::get_if<session::command::join>(&command)) {
    if (!scratch) return session::refused{session::refusal::session_not_found, join->code};
    const auto count = static_cast<std::int64_t>(scratch->participants.size());
    std::vector<session::any_event> events = decide_join(*scratch, *join);
    // The place was reserved, but after a conflict others may have taken it.
    if (!events.empty() && options_.session.max_participants != 0 &&
        count >= options_.session.max_participants) {
      return session::refused{session::refusal::session_full, join->code};
    }
    return events;
  }
  // The code was drawn when the command came, and has been withheld since.
  return what.events;
}

void application::flush(instant_ms now, const std::string& code) {
  const auto found = queues_.find(code);
  if (is_ended_ || found == queues_.end() || found->second.outstanding) return;
  room_queue& queue = found->second;
  if (queue.replaced) return;
  std::optional<session::room> scratch = queue.confirmed;
  outstanding_append next;
  for (session::any_event& event : std::exchange(queue.owed, {})) {
    // Who is host may be another one since: a join was under way when that was decided. The event
    // stays, because the head of the directory's room counts it.
    if (std::holds_alternative<session::event::host_changed>(event) && scratch) {
      const auto due = decide_host(*scratch);
      event = due ? *due
                  : session::event::host_changed{code, scratch->host_id, scratch->is_host_acting};
    }
    evolve(scratch, event);
    next.owed.push_back(std::move(event));
  }
  next.held = std::move(queue.held);
  queue.held.clear();
  if (!next.owed.empty() && scratch) {
    // It was decided who is host before somebody joined who is ahead of that in the log.
    if (const auto due = decide_host(*scratch)) {
      evolve(scratch, *due);
      directory_.evolve(*due);
      next.owed.push_back(*due);
    }
  }
  std::vector<session::any_event> events = next.owed;
  std::vector<std::pair<pending_command, session::refused>> refused;
  std::vector<pending_command> unneeded;
  while (!queue.waiting.empty()) {
    pending_command what = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    session::decision decided = decide_again(scratch, what);
    if (const auto* const no = std::get_if<session::refused>(&decided)) {
      refused.emplace_back(std::move(what), *no);
      continue;
    }
    what.events = std::move(std::get<std::vector<session::any_event>>(decided));
    if (what.events.empty()) {
      unneeded.push_back(std::move(what));
      continue;
    }
    for (const session::any_event& event : what.events) {
      evolve(scratch, event);
      events.push_back(event);
    }
    next.commands.push_back(std::move(what));
  }
  if (queue.retry_at) retry_deadlines_.cancel(*queue.retry_at, code);
  queue.retry_at.reset();
  std::vector<submitted_command> answered;
  if (events.empty()) {
    answered = std::move(next.held);
    queues_.erase(found);
    directory_.release_code(code);
  } else {
    next.id = ++appends_;
    rooms_by_append_.emplace(next.id, code);
    next.expected_head = queue.confirmed ? queue.confirmed->head.seq : 0;
    outputs_.push(output::append{next.id, code, next.expected_head, session::write_events(events),
                                 scratch ? scratch->head.seq : 0});
    queue.outstanding = std::move(next);
  }
  // Last, because clients that continue may send any command.
  answer_held(now, answered);
  for (const auto& [what, why] : refused) give_back(now, what, why);
  for (const pending_command& what : unneeded) {
    if (what.what.is_from_shard) {
      give_back(now, what, {session::refusal::try_again, {}});
      continue;
    }
    drop_promises(what);
    commit(what.what, {});
    release_caller(now, what.what.caller);
  }
}

void application::append_all_owed() {
  for (auto& [code, queue] : queues_) {
    if (queue.owed.empty() || queue.replaced) continue;
    std::optional<session::room> scratch = queue.confirmed;
    if (queue.outstanding) {
      for (const session::any_event& event : queue.outstanding->owed) evolve(scratch, event);
      for (const pending_command& what : queue.outstanding->commands) {
        for (const session::any_event& event : what.events) evolve(scratch, event);
      }
    }
    const std::uint64_t expected_head = scratch ? scratch->head.seq : 0;
    std::vector<session::any_event> events;
    for (session::any_event& event : queue.owed) {
      if (!session::follows_from_others(event)) events.push_back(std::move(event));
    }
    queue.owed.clear();
    for (const session::any_event& event : events) evolve(scratch, event);
    if (!scratch) continue;
    std::optional<session::any_event> last = decide_host(*scratch);
    if (scratch->participants.empty()) last = session::event::closed{code};
    if (last) {
      evolve(scratch, *last);
      events.push_back(*std::move(last));
    }
    if (events.empty()) continue;
    outputs_.push(output::append{++appends_, code, expected_head, session::write_events(events),
                                 scratch ? scratch->head.seq : 0});
  }
}

void application::append_answered(instant_ms now, const input::append_answered& answer) {
  using outcome = input::append_answered::outcome;
  const auto known = rooms_by_append_.find(answer.append_id);
  if (known == rooms_by_append_.end() || is_ended_) return;
  const std::string code = known->second;
  room_queue& queue = queues_.find(code)->second;
  if (answer.how == outcome::unknown) {
    ++unknown_;
    queue.outstanding->is_unknown = true;
    return announce_owed(queue);
  }
  rooms_by_append_.erase(known);
  outstanding_append done = *std::move(queue.outstanding);
  queue.outstanding.reset();
  if (answer.how == outcome::appended) return on_appended(now, code, std::move(done));
  if (queue.replaced) {
    queue.owed.insert(queue.owed.begin(), std::make_move_iterator(done.owed.begin()),
                      std::make_move_iterator(done.owed.end()));
    done.owed.clear();
    // Until its commands wait again, or are given back, the room must not be appended to.
    return on_replaced(now, code, std::move(done));
  }
  if (answer.how == outcome::conflict) {
    // They have come before. If nothing has, it is of no use to try at once.
    const std::uint64_t head = queue.confirmed ? queue.confirmed->head.seq : 0;
    const bool is_ahead = head != done.expected_head;
    if (answer.events.empty() && node_ != 0 && is_ahead) {
      return on_conflict(now, code, std::move(done), {});
    }
    // Events that cannot be read are treated like a failure of the store.
    const auto events = session::read_events(answer.events);
    const bool is_of_room = events && !events->empty() &&
                            std::all_of(events->begin(), events->end(), [&](const auto& event) {
                              return session::room_of(event) == code;
                            });
    if (is_of_room) return on_conflict(now, code, std::move(done), *events);
  }
  on_append_failed(now, code, std::move(done));
}

void application::on_appended(instant_ms now, const std::string& code, outstanding_append done) {
  std::optional<session::room> announced;
  room_queue& queue = queues_.find(code)->second;
  const bool is_announced = queue.is_announced;
  if (!is_announced) announced = queue.confirmed;
  queue.failures = 0;
  for (const session::any_event& event : done.owed) evolve(queue.confirmed, event);
  for (const pending_command& what : done.commands) {
    for (const session::any_event& event : what.events) evolve(queue.confirmed, event);
  }
  directory_.withhold_code(code, false);
  if (!is_announced) {
    for (const session::any_event& event : done.owed) announce_in_order(announced, event);
  }
  if (announced) correct_hosts(queue, *announced, done.owed);
  for (pending_command& what : done.commands) {
    what.what.now = now;
    if (!is_announced) {
      for (const session::any_event& event : what.events) evolve(announced, event);
      committing_ = &announced;
    }
    commit(what.what, what.events);
    committing_ = nullptr;
    drop_promises(what);
  }
  const auto still = queues_.find(code);
  if (node_ != 0 && still != queues_.end() && !has_owed(still->second)) {
    still->second.is_announced = false;
  }
  for (const pending_command& what : done.commands) {
    // If the client is gone, its participant joined for a moment and now leaves or is away.
    const submitted_command& e = what.what;
    if (e.is_from_shard) {
      answer_entered(e);
      continue;
    }
    if (server_.find(e.caller) != nullptr) continue;
    const session::participant_id user = user_of(e.command);
    // It has been taken over meanwhile, and the client has come back here: it is in the room now.
    if (node_ != 0 && socket_of(user) != nullptr) continue;
    if (away_.count(user) != 0) {
      submit(now, {session::command::lose{user, wall_to_journal(now)}, 0, "", std::nullopt});
      settle_away_command(now, user);
    } else if (is_kept_elsewhere(user)) {
      // The client has come back to another node meanwhile, which brings it into this room.
      submit(now, {session::command::lose{user, wall_to_journal(now)}, 0, "", std::nullopt});
      follow_seat(now, code, {user, {}, false});
    } else {
      leave_entered(now, user, code);
    }
  }
  for (const session::any_event& event : done.owed) {
    const auto* const back = std::get_if<session::event::back>(&event);
    if (back == nullptr || node_ == 0) continue;
    if (const auto* const socket = socket_of(back->user)) {
      std::string& unsaved = state_of(*socket).unsaved_return;
      if (unsaved == code) unsaved.clear();
    }
    lose_missing(now, code, back->user);
  }
  mend_if_due(now, code);
  answer_held(now, done.held);
  for (const pending_command& what : done.commands) release_caller(now, what.what.caller);
  for (const socketio::socket_number number : std::exchange(continuing_, {})) {
    const auto* const socket = server_.find(number);
    if (socket != nullptr) resume_unless_pending(now, *socket);
  }
  const auto found = queues_.find(code);
  if (found != queues_.end() && found->second.replaced) return replace(now, code);
  flush(now, code);
}

void application::on_replaced(instant_ms now, const std::string& code, outstanding_append done) {
  room_queue& queue = queues_.find(code)->second;
  queue.held.insert(queue.held.begin(), std::make_move_iterator(done.held.begin()),
                    std::make_move_iterator(done.held.end()));
  std::vector<pending_command> given_up = std::move(done.commands);
  replace(now, code);
  for (const pending_command& what : given_up) {
    give_back(now, what, {session::refusal::try_again, {}});
  }
  // Who was on the way from another shard may be in the room that has come.
  mend_if_due(now, code);
}

void application::on_append_failed(instant_ms now, const std::string& code,
                                   outstanding_append done) {
  ++failures_;
  room_queue& queue = queues_.find(code)->second;
  queue.owed.insert(queue.owed.begin(), std::make_move_iterator(done.owed.begin()),
                    std::make_move_iterator(done.owed.end()));
  announce_owed(queue);
  if (queue.owed.empty() || !queue.waiting.empty()) {
    flush(now, code);
  } else {
    const std::int64_t pause =
        std::min(first_retry_ms << std::min<std::uint32_t>(queue.failures, 6), longest_retry_ms);
    ++queue.failures;
    queue.retry_at = now + pause;
    retry_deadlines_.set(*queue.retry_at, code);
    // Those who have left meanwhile wait no longer than the others.
    done.held.insert(done.held.end(), std::make_move_iterator(queue.held.begin()),
                     std::make_move_iterator(queue.held.end()));
    queue.held.clear();
  }
  answer_held(now, done.held);
  for (const pending_command& what : done.commands) {
    give_back(now, what, {session::refusal::try_again, {}});
  }
}

void application::on_conflict(instant_ms now, const std::string& code, outstanding_append done,
                              const std::vector<session::any_event>& events) {
  ++conflicts_;
  begin_following();
  room_queue& queue = queues_.find(code)->second;
  std::optional<session::room> announced = copy_of_shown(code);
  for (const session::any_event& event : events) evolve(queue.confirmed, event);

  std::vector<session::any_event> owed = std::move(done.owed);
  owed.insert(owed.end(), queue.owed.begin(), queue.owed.end());
  queue.held.insert(queue.held.begin(), std::make_move_iterator(done.held.begin()),
                    std::make_move_iterator(done.held.end()));
  const room_change change = rebase(code, std::move(owed), announced);

  std::vector<pending_command> given_up;
  std::vector<pending_command> drawn_again;
  for (auto what = done.commands.rbegin(); what != done.commands.rend(); ++what) {
    const bool is_gone = !what->what.is_from_shard && server_.find(what->what.caller) == nullptr;
    const std::uint32_t most = node_ == 0 ? max_conflicts : max_conflicts_of_nodes;
    if (++what->conflicts >= most || is_gone) {
      given_up.push_back(std::move(*what));
    } else if (std::holds_alternative<session::command::create>(what->what.command) &&
               queue.confirmed) {
      drawn_again.push_back(std::move(*what));
    } else {
      queue.waiting.push_front(std::move(*what));
    }
  }
  flush(now, code);
  for (pending_command& what : drawn_again) draw_again(now, std::move(what));
  for (const pending_command& what : given_up) {
    give_back(now, what, {session::refusal::try_again, {}});
  }
  follow_difference(now, code, change, events);
  mend_if_due(now, code);
}

// What is owed remains valid whatever others appended, as far as it still fits. The new host, and
// whether the room is empty, must be decided again.
application::room_change application::rebase(const std::string& code,
                                             std::vector<session::any_event> owed,
                                             const std::optional<session::room>& announced) {
  room_queue& queue = queues_.find(code)->second;
  queue.owed.clear();
  std::optional<session::room> state = queue.confirmed;
  for (session::any_event& event : owed) {
    const auto* const created = std::get_if<session::event::created>(&event);
    if (created != nullptr && state) {
      // Another node was faster.
      event = session::event::joined{code, created->who, false, false};
    }
    if (session::follows_from_others(event) || !fits(state, event)) continue;
    evolve(state, event);
    queue.owed.push_back(std::move(event));
  }
  const session::room* const shown = directory_.find(code);
  std::optional<session::room> before = shown == nullptr ? std::nullopt : std::optional(*shown);
  if (state) {
    std::optional<session::any_event> mended;
    if (state->participants.empty()) {
      if (!before || before->reservations == 0) mended = session::event::closed{code};
    } else {
      mended = decide_host(*state);
    }
    if (mended) {
      evolve(state, *mended);
      queue.owed.push_back(*std::move(mended));
    }
  }
  if (state) {
    directory_.load(*state);
  } else if (before) {
    directory_.evolve(session::event::closed{code});
  }
  if (queue.confirmed) directory_.withhold_code(code, false);
  take_out_concerned(before, state);
  is_of_others_ = node_ != 0;
  notify_difference(announced, queue.is_announced ? state : queue.confirmed);
  is_of_others_ = false;
  return {std::move(before), std::move(state)};
}

void application::draw_again(instant_ms now, pending_command what) {
  session::decision decided = directory_.decide(what.what.command);
  if (const auto* const no = std::get_if<session::refused>(&decided)) {
    return give_back(now, what, *no);
  }
  what.events = std::move(std::get<std::vector<session::any_event>>(decided));
  what.what.now = now;
  enqueue(std::move(what));
}

void application::mend_host(const submitted_command& e, const std::string& code) {
  const session::room* const room = directory_.find(code);
  const auto due = room == nullptr ? std::nullopt : decide_host(*room);
  if (!due) return;
  room_queue& queue = queue_of(code);
  queue.owed.push_back(*due);
  directory_.evolve(*due);
  queue.is_announced ? notify(e, *due) : notify_later(e, *due);
}

void application::announce_owed(room_queue& queue) {
  if (std::exchange(queue.is_announced, true)) return;
  std::optional<session::room> announced = queue.confirmed;
  if (queue.outstanding) {
    for (const session::any_event& event : queue.outstanding->owed) {
      announce_in_order(announced, event);
    }
    if (announced) correct_hosts(queue, *announced, queue.outstanding->owed);
  }
  for (const session::any_event& event : queue.owed) announce_in_order(announced, event);
  if (announced) correct_hosts(queue, *announced, queue.owed);
  queue.expected_hosts.clear();
}

void application::announce_in_order(std::optional<session::room>& announced,
                                    const session::any_event& event) {
  const auto* const host = std::get_if<session::event::host_changed>(&event);
  const bool is_same_host = host != nullptr && announced && announced->host_id == host->host &&
                            announced->is_host_acting == host->is_acting;
  const bool is_news = fits(announced, event) && !is_same_host &&
                       !is_between_nodes(announced ? &*announced : nullptr, event);
  const auto* const left = std::get_if<session::event::left>(&event);
  const auto* const self =
      left != nullptr && announced ? find_participant(*announced, left->user) : nullptr;
  const bool was_away = self != nullptr && self->is_away;
  evolve(announced, event);
  if (!is_news) return;
  if (host != nullptr) {
    const auto queue = queues_.find(host->room);
    if (queue != queues_.end()) queue->second.expected_hosts.clear();
  }
  const session::room* const room = announced ? &*announced : nullptr;
  // Who leaves at another node while it is away here: the members were notified of that already.
  if (was_away) {
    announce(session::event::gone{left->room, left->user, session::seat_end::moved}, room);
  } else {
    std::visit([&](const auto& what) { announce(what, room); }, event);
  }
}

void application::expect_host(const socketio::socket& of, const session::room& room) {
  const auto queue = queues_.find(room.code);
  if (queue == queues_.end() || queue->second.is_announced || !queue->second.confirmed) return;
  const session::participant_id host = list_for(participant_of(of), room).host_id;
  queue->second.expected_hosts.erase(of.number);
  if (host == queue->second.confirmed->host_id) return;
  queue->second.expected_hosts.emplace(of.number, host);
}

void application::correct_hosts(room_queue& queue, const session::room& room,
                                std::span<const session::any_event> events) {
  for (const session::any_event& event : events) {
    const auto* const back = std::get_if<session::event::back>(&event);
    const auto* const socket = back == nullptr ? nullptr : socket_of(back->user);
    const auto expected =
        socket == nullptr ? queue.expected_hosts.end() : queue.expected_hosts.find(socket->number);
    if (expected == queue.expected_hosts.end()) continue;
    if (is_in_room(socket, room.code) && !(expected->second == room.host_id)) {
      emit(socket, "session:host-changed",
           json_of(session::event::host_changed{room.code, room.host_id, room.is_host_acting}));
    }
    queue.expected_hosts.erase(expected);
  }
}

const session::room* application::shown_room(std::string_view code) const {
  if (node_ == 0) return directory_.find(code);
  if (committing_ != nullptr && *committing_ && (*committing_)->code == code) return &**committing_;
  const auto found = queues_.find(code);
  if (found == queues_.end() || found->second.is_announced) return directory_.find(code);
  return found->second.confirmed ? &*found->second.confirmed : nullptr;
}

std::optional<session::room> application::copy_of_shown(std::string_view code) const {
  const session::room* const room = shown_room(code);
  return room == nullptr ? std::nullopt : std::optional(*room);
}

session::room application::list_for(const session::participant_id& user,
                                    const session::room& room) const {
  const session::room* const shown = shown_room(room.code);
  const session::participant* const self = find_participant(room, user);
  if (shown == nullptr || self == nullptr || shown == directory_.find(room.code)) return room;
  session::room list = *shown;
  const auto same = [&](const session::participant& one) { return one.id == user; };
  const auto at = std::find_if(list.participants.begin(), list.participants.end(), same);
  if (at == list.participants.end()) {
    list.participants.push_back(*self);
  } else {
    *at = *self;
  }
  if (const auto host = decide_host(list)) evolve(list, *host);
  return list;
}

void application::give_back(instant_ms now, const pending_command& what,
                            const session::refused& why) {
  drop_promises(what);
  if (what.what.is_from_shard) entering_.erase(user_of(what.what.command));
  refuse(what.what, why);
  release_caller(now, what.what.caller);
  settle_away_command(now, user_of(what.what.command));
  if (what.what.is_from_shard) follow_again(now, user_of(what.what.command));
}

void application::drop_promises(const pending_command& what) {
  if (!std::holds_alternative<session::command::join>(what.what.command)) return;
  give_up_reservation(what.what, directory_.cancel_reservation(user_of(what.what.command)));
}

void application::release_caller(instant_ms now, socketio::socket_number caller) {
  const auto pending = pending_callers_.find(caller);
  if (pending == pending_callers_.end()) return;
  caller_deadlines_.cancel(pending->second.until, caller);
  pending_callers_.erase(pending);
  if (const socketio::socket* const socket = server_.find(caller)) server_.resume(now, *socket);
}

void application::resume_unless_pending(instant_ms now, const socketio::socket& socket) {
  if (pending_callers_.count(socket.number) == 0) server_.resume(now, socket);
}

bool application::is_being_appended(const socketio::socket& socket) const {
  const auto pending = pending_callers_.find(socket.number);
  const auto found =
      pending == pending_callers_.end() ? queues_.end() : queues_.find(pending->second.room);
  if (found == queues_.end() || !found->second.outstanding) return false;
  const auto& sent = found->second.outstanding->commands;
  return std::any_of(sent.begin(), sent.end(),
                     [&](const pending_command& one) { return one.what.caller == socket.number; });
}

std::optional<submitted_command> application::take_pending(instant_ms now,
                                                           const socketio::socket& socket) {
  const auto pending = pending_callers_.find(socket.number);
  if (pending == pending_callers_.end()) return std::nullopt;
  const std::string code = pending->second.room;
  caller_deadlines_.cancel(pending->second.until, socket.number);
  pending_callers_.erase(pending);
  const auto awaited =
      std::find_if(awaited_rooms_.begin(), awaited_rooms_.end(),
                   [&](const awaited_room& one) { return one.command.caller == socket.number; });
  if (awaited != awaited_rooms_.end()) {
    submitted_command e = std::move(awaited->command);
    awaited_rooms_.erase(awaited);
    return e;
  }
  const auto found = queues_.find(code);
  if (found == queues_.end()) return std::nullopt;
  const auto is_its_own = [&](const pending_command& one) {
    return one.what.caller == socket.number;
  };
  // A command that was not sent is dropped with its connection; one that was sent takes effect.
  auto& not_sent = found->second.waiting;
  if (const auto at = std::find_if(not_sent.begin(), not_sent.end(), is_its_own);
      at != not_sent.end()) {
    pending_command what = std::move(*at);
    not_sent.erase(at);
    what.what.now = now;
    drop_promises(what);
    flush(now, code);
    return std::move(what.what);
  }
  if (!found->second.outstanding) return std::nullopt;
  const auto& sent = found->second.outstanding->commands;
  const auto at = std::find_if(sent.begin(), sent.end(), is_its_own);
  return at == sent.end() ? std::nullopt : std::optional(at->what);
}

std::optional<instant_ms> application::next_deadline() const {
  if (has_restored_to_flush() || has_rooms_to_adopt() || !to_follow_.empty()) return 0;
  std::optional<instant_ms> first;
  const auto until_of = [](const auto& waiting) {
    return waiting.empty() ? std::nullopt : std::optional(waiting.front().until);
  };
  for (const auto& at :
       {mending_deadlines_.next(), caller_deadlines_.next(), retry_deadlines_.next(),
        grace_deadlines_.next(), return_deadlines_.next(), ring_deadlines_.next(),
        until_of(held_relays_), until_of(awaited_rooms_)}) {
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

void application::deadline_reached(instant_ms now) {
  flush_restored(now);
  mend_due(now);
  adopt_some(now);
  follow_lost(now);
  drop_due_relays(now);
  try_awaited(now, [now](const awaited_room& one) { return one.until <= now; });
  end_due_seats(now);
  forget_replays(now);
  while (const auto number = return_deadlines_.take_due(now)) server_.retry_claims(now, *number);
  while (const auto caller = caller_deadlines_.take_due(now)) {
    const socketio::socket* const socket = server_.find(*caller);
    if (socket == nullptr) continue;
    ++timeouts_;
    // Without a DISCONNECT packet, so that the client library reconnects by itself.
    server_.close(*socket);
  }
  while (const auto code = retry_deadlines_.take_due(now)) {
    const auto found = queues_.find(*code);
    if (found == queues_.end()) continue;
    found->second.retry_at.reset();
    flush(now, *code);
  }
}

}  // namespace downbeat::jam
