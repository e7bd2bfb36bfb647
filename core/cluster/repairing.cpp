// What a node knows may be all that is left of a session, after a failover to a copy without the
// last appends, or when the store comes back empty. The node that has followed furthest writes what
// is missing. What others have appended there since stays as it is.

#include "cluster/lineages.hpp"
#include "cluster/replica.hpp"
#include "session/event_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace downbeat::cluster {
namespace {

constexpr std::size_t rooms_in_a_write = 256;
/// Others adopt these in one go.
constexpr std::size_t rooms_between_renewals = 2'048;
/// More than the store's log has.
constexpr std::size_t most_entries = 30'000;
/// Reading all heads takes its time, however short the lease of a node is.
constexpr std::int64_t least_repair_lease_ms = 10'000;
/// What was published before the store lost it may still be on its way to a node, and must not look
/// like what comes after the repair. So the repair leaves out more numbers than can be on their
/// way.
constexpr std::uint64_t numbers_left_out = 1'000'000;

}  // namespace

void replica::lose(std::int64_t now) {
  phase_ = phase::lost;
  lost_at_ = now;
  nodes_.doubt(now, false);
  // The others must hear how far it has followed.
  const auto state = announce(now, true);
  if (!state) return lose_connection(now);
  consider_repair(*state, now);
}

void replica::consider_repair(const store_state& state, std::int64_t now) {
  if (state.repaired_by != 0 && state.repaired_by != how_.self) return;
  if (now - lost_at_ < how_.lease_ms) {
    std::map<node_id, std::string> said;
    for (const announced_node& one : state.nodes) {
      if (const auto what = read_announcement(one.text)) said[one.node] = what->store;
    }
    for (const node_id one : expected_) {
      const auto found = said.find(one);
      if (found == said.end() || found->second != said[how_.self]) return;
    }
  }
  if (is_best(state)) repair(state, now);
}

bool replica::is_best(const store_state& state) const {
  const announcement mine{how_.name, followed_, true, process_ + ' ' + state.lineage};
  for (const announced_node& one : state.nodes) {
    if (one.node == how_.self || !one.is_heard_of) continue;
    const auto said = read_announcement(one.text);
    if (!said || !said->is_lost || said->store != mine.store) continue;
    if (said->n > mine.n || (said->n == mine.n && one.node < how_.self)) return false;
  }
  return true;
}

// Rooms that were appended to by somebody who did not know what this node knows.
std::set<std::string> replica::changed_by_others(const store_state& state,
                                                 const log_part& log) const {
  const bool is_other = !has_lineage(state.lineage, latest(lineages_));
  const std::map<std::uint64_t, std::string> known(recent_.begin(), recent_.end());
  std::set<std::string> changed;
  for (const log_entry& entry : log.entries) {
    const auto same = known.find(entry.n);
    const bool is_known =
        same != known.end() ? same->second == entry.append : entry.n <= followed_ && !is_other;
    if (!is_known) changed.insert(entry.room);
  }
  return changed;
}

std::int64_t replica::repair_lease() const {
  return std::max(how_.lease_ms, least_repair_lease_ms);
}

bool replica::keep_repairing(std::int64_t now) {
  return announce(now, false) && store_.keep_repairing(me(), repair_lease());
}

void replica::repair(const store_state& state, std::int64_t now) {
  if (!store_.begin_repair(me(), repair_lease())) {
    if (!store_.is_connected()) lose_connection(now);
    return;
  }
  const auto log = store_.read_log(1, most_entries);
  const auto heads = log ? store_.read_heads() : std::nullopt;
  if (!heads) return lose_connection(now);
  if (!keep_repairing(now)) {
    if (!store_.is_connected()) lose_connection(now);
    return;
  }
  const std::set<std::string> changed = changed_by_others(state, *log);
  const auto is_theirs = [&](const std::string& code, const log_head& head) {
    return changed.count(code) != 0 ||
           (!head.lineage.empty() && !has_lineage(lineages_, head.lineage));
  };
  std::vector<std::string> theirs;
  std::vector<room_to_write> ours;
  for (const auto& [code, head] : *heads) {
    const auto found = rooms_.find(code);
    if (found != rooms_.end() && found->second.chain == head.chain) continue;
    if (is_theirs(code, head)) {
      theirs.push_back(code);
    } else if (found != rooms_.end() || damaged_.count(code) == 0) {
      ours.push_back({code, {}, {}});
    }
  }
  for (const auto& [code, room] : rooms_) {
    if (heads->count(code) != 0) continue;
    if (is_theirs(code, {})) {
      theirs.push_back(code);
    } else {
      ours.push_back({code, {}, {}});
    }
  }
  for (std::size_t begin = 0; begin < ours.size(); begin += rooms_in_a_write) {
    const std::span<room_to_write> slice(ours.data() + begin,
                                         std::min(rooms_in_a_write, ours.size() - begin));
    for (room_to_write& one : slice) {
      one.head = head_of(one.room);
      if (const session::room* room = find(one.room)) one.state = session::write_snapshot(*room);
    }
    if (!store_.write(me(), repair_lease(), slice)) {
      if (!store_.is_connected()) return lose_connection(now);
      failure_ = store_.failure();
      return;
    }
    for (room_to_write& one : slice) one.state.clear();
    if (!announce(now, false)) return lose_connection(now);
  }
  for (std::size_t begin = 0; begin < theirs.size(); begin += rooms_between_renewals) {
    const auto first = theirs.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto size = std::min(rooms_between_renewals, theirs.size() - begin);
    if (!refresh({first, first + static_cast<std::ptrdiff_t>(size)}, now)) {
      return lose_connection(now);
    }
    if (!keep_repairing(now)) {
      if (!store_.is_connected()) lose_connection(now);
      return;
    }
  }
  // Others may have appended until the repair began.
  std::uint64_t n = std::max(state.n, followed_);
  if (!log->entries.empty()) n = std::max(n, log->entries.back().n);
  n = std::max(n, known_end());
  for (const announced_node& one : state.nodes) {
    if (const auto said = read_announcement(one.text)) n = std::max(n, said->n);
  }
  const std::string lineage = draw_lineage();
  const std::string lineages = join_lineages(lineage, lineages_, state.lineage);
  const std::uint64_t mark = store_.end_repair(me(), n + 1 + numbers_left_out, lineages);
  if (mark == 0) {
    if (!store_.is_connected()) return lose_connection(now);
    return;
  }
  counted_.repaired_rooms_total += ours.size();
  go_on_after(mark, lineage, lineages);
  nodes_.doubt(now, false);
  next_renewal_at_ = now;
  settle();
}

}  // namespace downbeat::cluster
