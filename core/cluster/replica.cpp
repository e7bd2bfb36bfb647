// Phases of a replica:
//
//     starting ──▶ following ◀──▶ away
//                   ▲     │        │
//                   │     ▼        │  Redis lacks what this node knows
//                   └──  lost  ◀───┘
//
// In `lost` every node that lived before says how far it has followed. The one that has followed
// furthest repairs the store; the others then adopt what the store has.

#include "cluster/replica.hpp"

#include "cluster/entry_text.hpp"
#include "cluster/lineages.hpp"
#include "session/event_text.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::cluster {
namespace {

/// A log of so many appends is replaced by a snapshot while there is nothing to append, and one of
/// `most_log_appends` at once.
constexpr std::size_t long_log_appends = 16;
constexpr std::size_t most_log_appends = 256;
/// Rooms of which snapshots are written at one time.
constexpr std::size_t snapshots_in_a_slice = 64;
constexpr std::int64_t idle_ms = 250;
constexpr std::int64_t longest_reconnect_ms = 500;
/// Between two looks while the store is to be repaired.
constexpr std::int64_t look_ms = 100;
/// So many appends are remembered with their ids, as many as the store's log has.
constexpr std::size_t most_recent = 10'000;

}  // namespace

replica::replica(options how, log_store& store)
    : how_(std::move(how)), store_(store), nodes_(how_.self, how_.lease_ms) {}

void replica::keep_up(std::int64_t now, bool is_idle) {
  failure_.clear();
  kept_up_at_ = now;
  are_nodes_new_ = true;
  if (!store_.is_connected()) {
    lose_connection(now);
    if (now >= next_connect_at_) connect(now);
  } else if (now >= next_renewal_at_) {
    renew(now);
  }
  if (phase_ == phase::following && store_.is_connected()) compact(is_idle);
  if (!store_.is_connected()) lose_connection(now);
  tell_nodes(now);
}

std::int64_t replica::due() const {
  if (!store_.is_connected()) return next_connect_at_;
  return long_logs_.empty() || phase_ != phase::following
             ? next_renewal_at_
             : std::min(next_renewal_at_, kept_up_at_ + idle_ms);
}

void replica::connect(std::int64_t now) {
  next_connect_at_ = now + std::min(how_.lease_ms / 8, longest_reconnect_ms);
  const auto process = store_.connect();
  if (!process) {
    failure_ = store_.failure();
    return;
  }
  process_ = *process;
  ++connections_;
  is_listening_ = false;
  is_deaf_ = false;
  awaited_.reset();
  nodes_.doubt(now, phase_ == phase::starting);
  const auto state = announce(now, true);
  if (!state) return lose_connection(now);
  look_at(*state, now, true);
}

std::optional<store_state> replica::announce(std::int64_t now, bool is_news) {
  next_renewal_at_ =
      now + (phase_ == phase::lost || phase_ == phase::starting ? look_ms
                                                                : renewal_interval(how_.lease_ms));
  // Those who must be heard before the store is repaired.
  if (phase_ == phase::following) expected_ = nodes_.others();
  const announcement mine{how_.name, followed_, phase_ == phase::lost, process_};
  auto state = store_.announce(me(), write_announcement(mine), how_.lease_ms, is_news);
  if (!state) return state;
  nodes_.update(state->nodes, now);
  if (nodes_.waits_for_somebody(now)) {
    next_renewal_at_ = std::min(next_renewal_at_, now + renewal_interval(how_.lease_ms) * 5 / 8);
  }
  store_n_ = state->n;
  are_nodes_new_ = true;
  return state;
}

void replica::lose_connection(std::int64_t now) {
  if (failure_.empty()) failure_ = store_.failure();
  store_.disconnect();
  if (phase_ == phase::following) expected_ = nodes_.others();
  if (phase_ == phase::following || phase_ == phase::lost) {
    phase_ = phase::away;
    next_connect_at_ = now;
  }
  nodes_.doubt(now, phase_ == phase::starting);
  are_nodes_new_ = true;
  for (auto& [code, one] : pending_) {
    if (std::exchange(one.is_told, true)) continue;
    tell(update::append_answered{code, one.append_id, input::append_answered::outcome::unknown,
                                 one.event_bytes});
  }
}

void replica::renew(std::int64_t now) {
  const auto state = announce(now, false);
  if (!state) return lose_connection(now);
  look_at(*state, now, false);
  if (phase_ != phase::following) return;
  for (const node_id one : nodes_.to_remove(now)) store_.remove_node(one);
}

void replica::look_at(const store_state& state, std::int64_t now, bool is_new_connection) {
  if (phase_ == phase::starting) return begin(state, now);
  const std::string_view own = latest(lineages_);
  if (latest(state.lineage) != own && has_lineage(state.lineage, own)) {
    // Somebody has repaired it.
    return adopt(state, now);
  }
  if (phase_ == phase::lost) return consider_repair(state, now);
  if (latest(state.lineage) != own || state.n < known_end()) return lose(now);
  const bool is_other = state.n == followed_ && !state.last.empty() && !recent_.empty() &&
                        recent_.back().first == followed_ && recent_.back().second != state.last;
  const bool is_behind = awaited_ && *awaited_ > followed_;
  if (is_new_connection || is_other || is_behind || !suspects_.empty()) return catch_up(now);
  const bool has_waited = awaited_.has_value();
  awaited_.reset();
  if (state.n <= followed_ || has_waited) return;
  awaited_ = state.n;
  next_renewal_at_ = std::min(next_renewal_at_, now + look_ms);
}

// At the start. What is there is taken over, but an empty store may have lost what others know.
void replica::begin(const store_state& state, std::int64_t now) {
  if (state.repaired_by != 0) return;
  if (!state.lineage.empty()) return load(state, now);
  const bool is_alone = nodes_.others().empty();
  if (!empty_since_) empty_since_ = now;
  if (!is_alone && now - *empty_since_ < how_.lease_ms) return;
  const std::string lineage = draw_lineage();
  if (!store_.begin_lineage(lineage)) return lose_connection(now);
  // Perhaps another node was first.
  const auto begun = announce(now, true);
  if (!begun) return lose_connection(now);
  if (!begun->lineage.empty() && begun->repaired_by == 0) load(*begun, now);
}

void replica::load(const store_state& state, std::int64_t now) {
  const auto heads = store_.read_heads();
  if (!heads) return lose_connection(now);
  while (!rooms_.empty()) put(rooms_.begin()->first, std::nullopt);
  std::vector<std::string> codes;
  codes.reserve(heads->size());
  for (const auto& [code, head] : *heads) codes.push_back(code);
  if (!refresh(codes, now)) return lose_connection(now);
  go_on_after(state.n, state.last, state.lineage);
  catch_up(now);
  if (phase_ != phase::following) {
    phase_ = phase::starting;
    return;
  }
  // They are no news: the engines get them as rooms of before.
  updates_.clear();
  counted_ = {.log_appends = counted_.log_appends};
}

void replica::compact(bool is_idle) {
  std::vector<room_to_write> snapshots;
  for (const std::string& code : long_logs_) {
    if (snapshots.size() == snapshots_in_a_slice) break;
    const kept_room& room = rooms_.at(code);
    if (!is_idle && room.log_appends < most_log_appends) continue;
    snapshots.push_back({code, head_of(code), session::write_snapshot(room.state)});
  }
  if (snapshots.empty()) return;
  if (!store_.compact(snapshots)) {
    // Without a connection they are tried again; otherwise the next append comes back to them.
    if (!store_.is_connected()) return;
    failure_ = store_.failure();
  }
  for (const room_to_write& one : snapshots) note_log(one.room, 0);
}

void replica::leave(std::int64_t now) {
  failure_.clear();
  if (phase_ == phase::starting) {
    if (store_.is_connected()) store_.leave(me());
    return store_.disconnect();
  }
  // The store may just have come back, perhaps empty, and this node may be the last that knows.
  if (store_.is_connected()) renew(now);
  if (!store_.is_connected()) connect(now);
  if (phase_ == phase::lost && store_.is_connected()) {
    const auto state = announce(now, false);
    if (state && is_best(*state)) repair(*state, now);
  }
  if (!store_.is_connected() || !store_.leave(me())) failure_ = store_.failure();
  store_.disconnect();
  phase_ = phase::away;
}

void replica::visit(const visitor& take) const {
  for (const auto& [code, room] : rooms_) take(room.state);
}

const session::room* replica::find(const std::string& code) const {
  const auto found = rooms_.find(code);
  return found == rooms_.end() ? nullptr : &found->second.state;
}

log_head replica::head_of(const std::string& code) const {
  const auto found = rooms_.find(code);
  if (found == rooms_.end()) return {};
  const kept_room& room = found->second;
  return {room.state.head.seq, room.chain, room.append, std::string(latest(lineages_))};
}

replica::counters replica::count() const {
  counters all = counted_;
  all.is_connected = store_.is_connected();
  all.is_following = is_following();
  all.connections_total = connections_;
  return all;
}

void replica::tell(update::any what) {
  updates_.push_back(std::move(what));
  ++told_;
}

void replica::tell_nodes(std::int64_t now) {
  if (phase_ == phase::starting) return;
  if (!std::exchange(are_nodes_new_, false) && now - nodes_looked_at_ < look_ms) return;
  nodes_looked_at_ = now;
  const bool is_known = phase_ == phase::following && !is_deaf_;
  auto living = is_known ? nodes_.living(now) : std::map<node_id, std::string>();
  if (!living.empty() && followed_ < store_n_) {
    // The last appends of those who are not there any more come first.
    if (!told_nodes_ || told_nodes_->empty())
      living.clear();
    else
      living.insert(told_nodes_->begin(), told_nodes_->end());
  }
  counted_.nodes = living.size();
  if (living == told_nodes_) return;
  tell(update::nodes_changed{write_nodes(how_.self, living)});
  told_nodes_ = std::move(living);
}

void replica::put(const std::string& code, std::optional<kept_room> what) {
  note_log(code, 0);
  if (!what) {
    rooms_.erase(code);
    return;
  }
  const std::size_t appends = std::exchange(what->log_appends, 0);
  rooms_.insert_or_assign(code, *std::move(what));
  note_log(code, appends);
}

void replica::note_log(const std::string& code, std::size_t appends) {
  const auto found = rooms_.find(code);
  if (found == rooms_.end()) return;
  counted_.log_appends += appends;
  counted_.log_appends -= std::exchange(found->second.log_appends, appends);
  if (appends >= long_log_appends) {
    long_logs_.insert(code);
  } else {
    long_logs_.erase(code);
  }
}

void replica::remember(std::uint64_t n, std::string append) {
  recent_.emplace_back(n, std::move(append));
  if (recent_.size() > most_recent) recent_.pop_front();
}

std::string replica::draw_lineage() {
  return std::to_string(how_.self) + '-' + std::to_string(++lineages_drawn_);
}

}  // namespace downbeat::cluster
