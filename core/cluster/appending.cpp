#include "cluster/entry_text.hpp"
#include "cluster/lineages.hpp"
#include "cluster/replica.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::cluster {
namespace {

constexpr std::string_view repairing = "sessions that Redis has lost are being written again";

}  // namespace

void replica::append(std::span<const own_append> what, std::int64_t now) {
  failure_.clear();
  // Each of another room, whose head the next one of that room begins with.
  while (!what.empty()) {
    std::set<std::string_view> rooms;
    std::size_t size = 0;
    while (size < what.size() && rooms.insert(what[size].what.room).second) ++size;
    append_some(what.first(size), now);
    what = what.subspan(size);
  }
  if (!store_.is_connected()) lose_connection(now);
  tell_nodes(now);
}

void replica::append_some(std::span<const own_append> what, std::int64_t now) {
  std::vector<log_entry> entries;
  for (const auto& [of_engine, seen] : what) {
    const std::string& code = of_engine.room;
    if (!pending_.emplace(code, pending_append{of_engine.append_id, of_engine.events.size()})
             .second) {
      // This cannot be: an engine waits for its answer.
      tell(update::append_answered{code, of_engine.append_id, outcome::failed, 0});
      continue;
    }
    if (phase_ != phase::following || !store_.is_connected()) {
      if (failure_.empty()) failure_ = phase_ == phase::lost ? repairing : store_.failure();
      resolve(code, outcome::failed);
      continue;
    }
    const auto found = rooms_.find(code);
    const std::uint64_t seq = found == rooms_.end() ? 0 : found->second.state.head.seq;
    if (seq != of_engine.expected_head || (found != rooms_.end() && seen < found->second.since)) {
      ++counted_.conflicts_total;
      resolve(code, outcome::conflict);
      continue;
    }
    const std::string id = id_of(of_engine.append_id);
    const std::string chain = found == rooms_.end() ? std::string() : found->second.chain;
    const bool is_last = of_engine.new_head == 0;
    entries.push_back({0, code, id, seq, chain, of_engine.new_head,
                       is_last ? std::string() : chain_after(chain, id, of_engine.events),
                       of_engine.events});
  }
  if (!entries.empty()) append_entries(entries, now);
}

void replica::append_entries(const std::vector<log_entry>& entries, std::int64_t now) {
  std::vector<append_answer> answers(entries.size());
  store_.append(me(), latest(lineages_), entries, answers);
  using how = append_answer::outcome;
  std::vector<const log_entry*> conflicting;
  bool is_stranger = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& code = entries[i].room;
    switch (answers[i].how) {
      case how::appended:
      case how::repeated:
        apply(entries[i], answers[i].log_appends, now);
        if (answers[i].how == how::appended)
          advance(answers[i].n, entries[i].append, entries[i].room);
        resolve(code, outcome::appended);
        break;
      case how::conflict: conflicting.push_back(&entries[i]); break;
      case how::stranger: is_stranger = true; break;
      case how::repairing:
        failure_ = repairing;
        resolve(code, outcome::failed);
        break;
      case how::refused:
        failure_ = store_.failure();
        resolve(code, outcome::failed);
        break;
      case how::unknown: break;
    }
  }
  if (is_stranger && store_.is_connected()) {
    // The store has lost something, or this node was asleep for longer than its lease.
    const auto state = announce(now, true);
    if (state) look_at(*state, now, true);
  } else if (!conflicting.empty() && store_.is_connected()) {
    catch_up(now);
    std::vector<std::string> unexplained;
    for (const log_entry* one : conflicting) {
      const log_head head = head_of(one->room);
      if (head.seq == one->seq && head.chain == one->chain) unexplained.push_back(one->room);
    }
    if (store_.is_connected()) refresh(unexplained, now);
  }
  counted_.conflicts_total += conflicting.size();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (answers[i].how != how::conflict && answers[i].how != how::stranger) continue;
    // If that has been answered meanwhile, this finds nothing.
    resolve(entries[i].room, is_following() ? outcome::conflict : outcome::failed);
  }
}

// An append of this node may be ahead of others that are not published here yet.
void replica::advance(std::uint64_t n, const std::string& append, const std::string& room) {
  if (n <= followed_) return;
  const bool was_behind = followed_ < store_n_;
  done_.emplace(n, done_append{append, room});
  while (!done_.empty() && done_.begin()->first <= followed_ + 1) {
    if (done_.begin()->first == followed_ + 1) {
      ++followed_;
      remember(followed_, std::move(done_.begin()->second.append));
    }
    done_.erase(done_.begin());
  }
  if (was_behind && followed_ >= store_n_) are_nodes_new_ = true;
}

void replica::resolve(const std::string& code, outcome how) {
  const auto found = pending_.find(code);
  if (found == pending_.end()) return;
  const pending_append what = found->second;
  pending_.erase(found);
  tell(update::append_answered{code, what.append_id, how, what.event_bytes});
  if (how == outcome::appended) return;
  // What an engine that stops has decided behind this one is about another room, too.
  if (const auto room = rooms_.find(code); room != rooms_.end()) room->second.since = told_;
}

void replica::settle() {
  while (!pending_.empty()) resolve(std::string(pending_.begin()->first), outcome::conflict);
}

std::string replica::id_of(std::uint64_t append_id) const {
  return std::to_string(how_.self) + ':' + std::to_string(append_id);
}

bool replica::is_pending(const std::string& code, std::string_view append) const {
  const auto found = pending_.find(code);
  return found != pending_.end() && id_of(found->second.append_id) == append;
}

}  // namespace downbeat::cluster
