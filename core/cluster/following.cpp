#include "cluster/entry_text.hpp"
#include "cluster/lineages.hpp"
#include "cluster/replica.hpp"
#include "cluster/room_state.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace downbeat::cluster {
namespace {

constexpr std::size_t entries_in_a_slice = 1'000;
constexpr std::size_t rooms_in_a_slice = 256;
/// Between two renewals while much is read.
constexpr std::size_t slices_in_a_renewal = 8;
/// Between two questions for the same node.
constexpr std::int64_t ask_again_ms = 1'000;
constexpr std::size_t most_asked = 256;

/// The node that has appended this; 0 if it was none.
node_id node_of(std::string_view append) {
  node_id id = 0;
  std::from_chars(append.data(), append.data() + append.size(), id);
  return id;
}

}  // namespace

void replica::receive(std::string_view text, std::int64_t now) {
  if (phase_ != phase::following || !is_listening_) return;
  failure_.clear();
  const auto what = read_publication(text);
  if (!what) return;
  const log_entry& entry = what->entry;
  switch (what->what) {
    case publication::kind::nodes: next_renewal_at_ = std::min(next_renewal_at_, now); break;
    case publication::kind::sign: break;
    case publication::kind::entry:
      if (entry.n != followed_ + 1 || entry.room == "*") break;
      follow(entry, now);
      if (!store_.is_connected()) {
        lose_connection(now);
      } else if (!suspects_.empty()) {
        catch_up(now);
      }
      return tell_nodes(now);
  }
  const std::string* const known = known_append(entry.n);
  if (entry.room == "*" && entry.append != latest(lineages_)) {
    // Somebody has repaired the store.
    const auto state = announce(now, false);
    state ? look_at(*state, now, false) : lose_connection(now);
  } else if (known != nullptr && !entry.append.empty() && *known != entry.append) {
    // The store has lost what this node has followed, and the others go on.
    lose_connection(now);
  } else if (entry.n > followed_ && done_.count(entry.n) == 0) {
    ++counted_.gaps_total;
    catch_up(now);
  }
  tell_nodes(now);
}

void replica::listen_again(std::int64_t now) {
  if (!store_.is_connected()) return;
  is_listening_ = true;
  if (phase_ == phase::following) {
    failure_.clear();
    catch_up(now);
  }
  is_deaf_ = false;
  are_nodes_new_ = true;
  tell_nodes(now);
}

void replica::stop_listening(std::int64_t now) {
  if (!std::exchange(is_listening_, false)) return;
  is_deaf_ = true;
  are_nodes_new_ = true;
  tell_nodes(now);
}

void replica::follow(const log_entry& entry, std::int64_t now) {
  apply(entry, 0, now);
  advance(entry.n, entry.append, entry.room);
}

void replica::introduce(const std::string& append, std::int64_t now) {
  const node_id who = node_of(append);
  if (who == 0 || who == how_.self || !told_nodes_ || told_nodes_->empty()) return;
  if (told_nodes_->count(who) != 0) return;
  const auto asked = asked_.find(who);
  if (asked != asked_.end() && now - asked->second < ask_again_ms) return;
  if (asked_.size() >= most_asked) asked_.clear();
  asked_[who] = now;
  if (announce(now, false)) tell_nodes(now);
}

void replica::apply(const log_entry& entry, std::size_t log_appends, std::int64_t now) {
  const auto found = rooms_.find(entry.room);
  const bool is_here = found != rooms_.end();
  const bool is_own = is_pending(entry.room, entry.append);
  const std::uint64_t seq = is_here ? found->second.state.head.seq : 0;
  const std::string chain = is_here ? found->second.chain : std::string();
  if (seq != entry.seq || chain != entry.chain) {
    const bool is_applied = entry.new_seq == 0 ? !is_here : chain == entry.new_chain;
    if (!is_applied) suspects_.insert(entry.room);
    return;
  }
  std::optional<session::room> state;
  if (is_here) state = found->second.state;
  const auto events = session::read_events(entry.events);
  bool is_right = events.has_value();
  for (std::size_t i = 0; is_right && i < events->size(); ++i) {
    is_right = session::room_of((*events)[i]) == entry.room;
    evolve(state, (*events)[i]);
  }
  if (!is_right || (state ? state->head.seq : 0) != entry.new_seq) {
    suspects_.insert(entry.room);
    return;
  }
  if (is_own) {
    resolve(entry.room, outcome::appended);
  } else {
    introduce(entry.append, now);
    tell(update::room_appended{entry.room, entry.seq, entry.events});
  }
  if (!state) return put(entry.room, std::nullopt);
  const std::uint64_t since = is_here ? found->second.since : is_own ? 0 : told_;
  put(entry.room, kept_room{*std::move(state), entry.new_chain, entry.append, log_appends, since});
}

void replica::catch_up(std::int64_t now) {
  ++counted_.catch_ups_total;
  awaited_.reset();
  bool is_first = followed_ > 0;
  bool is_lost = false;
  std::uint64_t end = 0;  // of the log
  for (bool is_more = true; is_more && !is_lost;) {
    const auto part = store_.read_log(std::max<std::uint64_t>(followed_, 1), entries_in_a_slice);
    if (!part) return lose_connection(now);
    if (std::exchange(is_first, false)) {
      const bool is_known = !recent_.empty() && recent_.back().first == followed_;
      is_lost = part->entries.empty() ? is_known : part->entries.front().n != followed_;
    }
    is_more = !part->is_complete && part->entries.size() > 1;
    for (const log_entry& entry : part->entries) {
      end = entry.n;
      // What it has written itself and what others have written since may have the same number.
      const std::string* const known = known_append(entry.n);
      is_lost = is_lost || (known != nullptr && *known != entry.append);
      if (is_lost || entry.n <= followed_) continue;
      // What is missing was trimmed, or somebody has repaired the store, or has written something
      // else there.
      if (entry.room.empty()) failure_ = "an entry of the log cannot be read";
      is_lost = entry.n != followed_ + 1 || entry.room == "*" || entry.room.empty();
      if (!is_lost) follow(entry, now);
    }
  }
  // The log may end before what this node has written itself.
  is_lost = is_lost || (end != 0 && end < known_end());
  if (is_lost) {
    const auto state = announce(now, false);
    if (!state) return lose_connection(now);
    return adopt(*state, now);
  }
  const std::vector<std::string> suspects(suspects_.begin(), suspects_.end());
  if (!suspects.empty() && !refresh(suspects, now)) return lose_connection(now);
  suspects_.clear();
  if (std::exchange(phase_, phase::following) != phase::following) are_nodes_new_ = true;
  settle();
}

const std::string* replica::known_append(std::uint64_t n) const {
  if (const auto own = done_.find(n); own != done_.end()) return &own->second.append;
  if (recent_.empty() || n < recent_.front().first || n > recent_.back().first) return nullptr;
  return &recent_[static_cast<std::size_t>(n - recent_.front().first)].second;
}

std::uint64_t replica::known_end() const {
  return done_.empty() ? followed_ : done_.rbegin()->first;
}

void replica::adopt(const store_state& state, std::int64_t now) {
  const auto heads = store_.read_heads();
  if (!heads) return lose_connection(now);
  std::vector<std::string> differing;
  for (const auto& [code, head] : *heads) {
    const auto found = rooms_.find(code);
    if (found == rooms_.end() || found->second.chain != head.chain) differing.push_back(code);
  }
  for (const auto& [code, room] : rooms_) {
    if (heads->count(code) == 0) differing.push_back(code);
  }
  if (!refresh(differing, now)) return lose_connection(now);
  if (state.lineage != lineages_) nodes_.doubt(now, false);
  go_on_after(state.n, state.last, state.lineage);
  settle();
  // What has been appended since then is at most read twice.
  next_renewal_at_ = now;
}

void replica::go_on_after(std::uint64_t n, const std::string& append, const std::string& lineages) {
  lineages_ = lineages;
  followed_ = n;
  store_n_ = n;
  awaited_.reset();
  are_nodes_new_ = true;
  done_.clear();
  recent_.clear();
  suspects_.clear();
  if (!append.empty()) remember(n, append);
  phase_ = phase::following;
}

bool replica::refresh(const std::vector<std::string>& codes, std::int64_t now) {
  std::size_t slices = 0;
  for (std::size_t begin = 0; begin < codes.size(); begin += rooms_in_a_slice) {
    const std::size_t size = std::min(rooms_in_a_slice, codes.size() - begin);
    const std::span<const std::string> slice(codes.data() + begin, size);
    const auto found = store_.read_rooms(slice);
    if (!found || found->size() != size) return false;
    for (std::size_t i = 0; i < size; ++i) take_over(slice[i], (*found)[i], now);
    // Reading many takes longer than a lease.
    if (++slices % slices_in_a_renewal == 0 && !announce(now, false)) return false;
  }
  return true;
}

void replica::take_over(const std::string& code, const stored_room& from, std::int64_t now) {
  const auto here = rooms_.find(code);
  damaged_.erase(code);
  if (from.head.seq == 0) {
    if (here != rooms_.end()) replace(code, std::nullopt, now);
    return;
  }
  if (here != rooms_.end() && here->second.chain == from.head.chain) return;
  std::string fault;
  std::optional<session::room> state = read_state(code, from, fault);
  if (!state) {
    // All others can be served.
    failure_ = fault;
    damaged_.insert(code);
    return;
  }
  if (phase_ != phase::starting && follow_room(code, from, now)) return;
  kept_room room{*std::move(state), from.head.chain, from.head.append, 0, 0};
  if (phase_ == phase::starting) {
    room.log_appends = from.log.size();
    return put(code, std::move(room));
  }
  replace(code, std::move(room), now);
}

// Whether the room's log leads from what is here to its head.
bool replica::follow_room(const std::string& code, const stored_room& from, std::int64_t now) {
  const log_head here = head_of(code);
  std::vector<std::uint64_t> sizes;
  std::uint64_t seq = from.head.seq;  // of the snapshot
  for (const stored_room::append& one : from.log) {
    sizes.push_back(session::read_events(one.events)->size());
    seq -= sizes.back();
  }
  std::size_t next = 0;
  while (next < sizes.size() && seq < here.seq) seq += sizes[next++];
  if (seq != here.seq) return false;
  std::vector<log_entry> entries;
  std::string chain = here.chain;
  for (; next < sizes.size(); ++next) {
    const stored_room::append& one = from.log[next];
    std::string after = chain_after(chain, one.id, one.events);
    entries.push_back({0, code, one.id, seq, chain, seq + sizes[next], after, one.events});
    seq += sizes[next];
    chain = std::move(after);
  }
  if (chain != from.head.chain) return false;
  for (const log_entry& entry : entries) apply(entry, 0, now);
  return true;
}

void replica::replace(const std::string& code, std::optional<kept_room> by, std::int64_t now) {
  ++counted_.replaced_rooms_total;
  if (by) introduce(by->append, now);
  const bool is_own = by && is_pending(code, by->append);
  tell(update::room_replaced{code, by ? session::write_snapshot(by->state) : std::string()});
  if (by) by->since = told_;
  put(code, std::move(by));
  if (is_own) resolve(code, outcome::appended);
}

}  // namespace downbeat::cluster
