#include "support/simulated_redis.hpp"

#include "cluster/lineages.hpp"

#include <algorithm>
#include <utility>

namespace downbeat::test {

using namespace cluster;

void simulated_redis::lose_connections() {
  for (simulated_link* one : links_) one->is_connected_ = false;
}

void simulated_redis::stop() {
  is_away_ = true;
  lose_connections();
}

void simulated_redis::fail_over(std::size_t lost_appends) {
  for (; lost_appends > 0 && !changes_.empty(); --lost_appends) {
    change last = std::move(changes_.back());
    changes_.pop_back();
    if (last.before.head.seq == 0) {
      rooms_.erase(last.room);
    } else {
      rooms_[last.room] = std::move(last.before);
    }
    log_.pop_back();
    --n_;
  }
  ++process_;
  lose_connections();
}

void simulated_redis::empty(bool restarts) {
  n_ = 0;
  lineages_.clear();
  log_.clear();
  rooms_.clear();
  nodes_.clear();
  leases_.clear();
  repairer_ = 0;
  changes_.clear();
  if (!restarts) return;
  ++process_;
  lose_connections();
}

void simulated_redis::put_garbage() {
  log_entry none;
  none.n = ++n_;
  log_.push_back(none);
}

std::vector<std::string> simulated_redis::codes() const {
  std::vector<std::string> all;
  for (const auto& [code, room] : rooms_) all.push_back(code);
  return all;
}

log_head simulated_redis::head_of(const std::string& code) const {
  const auto found = rooms_.find(code);
  return found == rooms_.end() ? log_head() : found->second.head;
}

void simulated_redis::log(log_entry entry) {
  n_ = entry.n;
  log_.push_back(entry);
  if (log_.size() > most_entries) log_.pop_front();
  publish({publication::kind::entry, std::move(entry)});
}

void simulated_redis::publish(const publication& what) {
  const std::string text = write_publication(what);
  for (simulated_link* one : links_) {
    if (!one->loses_published && !one->is_cut && !is_away_) one->published.push_back(text);
  }
}

bool simulated_redis::is_known(const sender& who) const {
  const auto found = leases_.find(who.node);
  return found != leases_.end() && found->second.end > now &&
         found->second.connection == who.connection;
}

node_id simulated_redis::repairer() const {
  return repair_end_ > now ? repairer_ : 0;
}

append_answer simulated_redis::append(const sender& who, std::string_view lineage,
                                      const log_entry& what) {
  using outcome = append_answer::outcome;
  if (latest(lineages_) != lineage || !is_known(who)) return {outcome::stranger};
  if (repairer() != 0) return {outcome::repairing};
  stored_room room = rooms_[what.room];
  const bool is_new = room.head.seq == 0;
  if (is_new) rooms_.erase(what.room);
  if (!is_new && room.head.append == what.append) return {outcome::repeated};
  if (room.head.seq != what.seq || room.head.chain != what.chain) return {outcome::conflict};
  if (is_full && what.new_seq != 0) return {outcome::refused};
  changes_.push_back({what.room, room});
  std::size_t length = 0;
  if (what.new_seq == 0) {
    rooms_.erase(what.room);
  } else {
    room.head = {what.new_seq, what.new_chain, what.append, std::string(lineage)};
    room.log.push_back({what.append, what.events});
    length = room.log.size();
    rooms_[what.room] = std::move(room);
  }
  log_entry entry = what;
  entry.n = n_ + 1;
  log(std::move(entry));
  return {outcome::appended, n_, length};
}

bool simulated_link::reaches() {
  if (redis_.is_away_ || is_cut) is_connected_ = false;
  failure_ = is_connected_ ? "" : "Redis is away";
  return is_connected_;
}

std::optional<std::string> simulated_link::connect() {
  is_connected_ = true;
  if (!reaches()) return std::nullopt;
  return "process" + std::to_string(redis_.process_);
}

std::optional<store_state> simulated_link::announce(const sender& who, std::string_view text,
                                                    std::int64_t lease_ms, bool is_news) {
  if (!reaches()) return std::nullopt;
  redis_.leases_[who.node] = {who.connection, redis_.now + lease_ms};
  redis_.nodes_[who.node] = std::string(text) + ' ' + redis_.lineages_;
  publication sign;
  sign.what = is_news ? publication::kind::nodes : publication::kind::sign;
  sign.entry.n = redis_.n_;
  redis_.publish(sign);
  store_state state;
  state.n = redis_.n_;
  if (!redis_.log_.empty()) state.last = redis_.log_.back().append;
  state.lineage = redis_.lineages_;
  state.repaired_by = redis_.repairer();
  for (const auto& [id, said] : redis_.nodes_) {
    const auto lease = redis_.leases_.find(id);
    state.nodes.push_back(
        {id, said, lease != redis_.leases_.end() && lease->second.end > redis_.now});
  }
  return state;
}

bool simulated_link::leave(const sender& who) {
  if (!reaches()) return false;
  redis_.nodes_.erase(who.node);
  redis_.leases_.erase(who.node);
  publication sign;
  sign.what = publication::kind::nodes;
  sign.entry.n = redis_.n_;
  redis_.publish(sign);
  return true;
}

bool simulated_link::remove_node(node_id which) {
  if (!reaches()) return false;
  const auto lease = redis_.leases_.find(which);
  if (lease != redis_.leases_.end() && lease->second.end > redis_.now) return true;
  redis_.nodes_.erase(which);
  redis_.leases_.erase(which);
  return true;
}

bool simulated_link::begin_lineage(std::string_view lineage) {
  if (!reaches()) return false;
  if (redis_.lineages_.empty()) redis_.lineages_ = lineage;
  return true;
}

void simulated_link::append(const sender& who, std::string_view lineage,
                            std::span<const log_entry> what, std::span<append_answer> answers) {
  for (std::size_t i = 0; i < what.size(); ++i) {
    if (!reaches()) return;
    const append_answer answer = redis_.append(who, lineage, what[i]);
    if (answer.how == append_answer::outcome::refused) failure_ = "OOM";
    if (answers_left && (*answers_left)-- == 0) {
      answers_left.reset();
      is_connected_ = false;
      failure_ = "the connection was lost";
      return;
    }
    answers[i] = answer;
  }
}

std::optional<log_part> simulated_link::read_log(std::uint64_t from, std::size_t most) {
  if (!reaches()) return std::nullopt;
  log_part part;
  for (const log_entry& one : redis_.log_) {
    if (one.n < from) continue;
    if (part.entries.size() == most) {
      part.is_complete = false;
      break;
    }
    part.entries.push_back(one);
  }
  return part;
}

std::optional<std::map<std::string, log_head>> simulated_link::read_heads() {
  if (!reaches()) return std::nullopt;
  redis_.now += slowness_ms;
  std::map<std::string, log_head> heads;
  for (const auto& [code, room] : redis_.rooms_) heads.emplace(code, room.head);
  return heads;
}

std::optional<std::vector<stored_room>> simulated_link::read_rooms(
    std::span<const std::string> codes) {
  if (std::exchange(loses_rooms, false)) is_connected_ = false;
  if (!reaches()) return std::nullopt;
  std::vector<stored_room> rooms;
  for (const std::string& code : codes) {
    const auto found = redis_.rooms_.find(code);
    rooms.push_back(found == redis_.rooms_.end() ? stored_room() : found->second);
  }
  return rooms;
}

std::optional<std::size_t> simulated_link::compact(std::span<const room_to_write> what) {
  if (!reaches()) return std::nullopt;
  std::size_t written = 0;
  for (const room_to_write& one : what) {
    const auto found = redis_.rooms_.find(one.room);
    if (found == redis_.rooms_.end() || found->second.head.chain != one.head.chain) continue;
    found->second.state = one.state;
    found->second.log.clear();
    ++written;
  }
  return written;
}

bool simulated_link::begin_repair(const sender& who, std::int64_t lease_ms) {
  if (redis_.before_repair) std::exchange(redis_.before_repair, {})();
  if (!reaches() || !redis_.is_known(who)) return false;
  if (redis_.repairer() != 0 && redis_.repairer() != who.node) return false;
  redis_.repairer_ = who.node;
  redis_.repair_end_ = redis_.now + lease_ms;
  return true;
}

bool simulated_link::keep_repairing(const sender& who, std::int64_t lease_ms) {
  if (!reaches() || redis_.repairer() != who.node || !redis_.is_known(who)) return false;
  redis_.repair_end_ = redis_.now + lease_ms;
  return true;
}

bool simulated_link::write(const sender& who, std::int64_t lease_ms,
                           std::span<const room_to_write> what) {
  if (!reaches() || redis_.repairer() != who.node || !redis_.is_known(who)) return false;
  redis_.repair_end_ = redis_.now + lease_ms;
  for (const room_to_write& one : what) {
    if (one.head.seq == 0) {
      redis_.rooms_.erase(one.room);
    } else {
      redis_.rooms_[one.room] = {one.head, one.state, {}};
    }
  }
  return true;
}

std::uint64_t simulated_link::end_repair(const sender& who, std::uint64_t n,
                                         std::string_view lineages) {
  if (!reaches() || redis_.repairer() != who.node || !redis_.is_known(who)) return 0;
  redis_.lineages_ = lineages;
  redis_.repairer_ = 0;
  redis_.changes_.clear();
  log_entry mark;
  mark.n = std::max(n, redis_.n_ + 1);
  mark.room = "*";
  mark.append = latest(lineages);
  redis_.log(std::move(mark));
  return redis_.n_;
}

}  // namespace downbeat::test
