#include "redis/redis_journal.hpp"

#include "cluster/room_state.hpp"
#include "driver/entropy_source.hpp"
#include "redis/redis_check.hpp"
#include "session/event_text.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace downbeat::host {
namespace {

using reason = unusable_journal::reason;
using std::chrono::milliseconds;

/// How often a starting node looks.
constexpr milliseconds look_interval{100};
/// For one answer, without a lease.
constexpr milliseconds look_patience{5'000};
constexpr std::size_t letters_of_a_drawn_name = 4;

std::int64_t now_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// For one answer. With the time between two renewals it is less than a lease: who waits in vain is
/// still taken for alive. And nobody waits for an answer longer than a few seconds.
milliseconds patience_of(milliseconds lease) {
  return std::min(lease / 4, milliseconds(2'000));
}

}  // namespace

redis_node draw_node(std::string name, milliseconds lease) {
  entropy_source source;
  const entropy bytes = source.draw();
  redis_node node{0, std::move(name), lease};
  for (std::size_t i = 0; i < 7; ++i) {
    node.id = (node.id << 8) | static_cast<unsigned char>(bytes[i]);
  }
  node.id = std::max<node_id>(node.id & largest_node, 1);
  if (!node.name.empty()) return node;
  for (std::size_t i = 0; i < letters_of_a_drawn_name; ++i) {
    node.name += static_cast<char>('a' + static_cast<unsigned char>(bytes[8 + i]) % 26);
  }
  return node;
}

redis_journal::redis_journal(const redis_address& where, redis_node self, milliseconds wait,
                             logger& log)
    : name_(where.name()),
      node_name_(self.name),
      lease_(self.lease),
      log_(log),
      store_(where, patience_of(self.lease)),
      replica_({self.id, std::move(self.name), self.lease.count()}, store_) {
  try {
    begin(wait, log);
  } catch (const unusable_journal& error) {
    throw unusable_journal(name_ + ": " + error.what(), error.why());
  }
  // Signs of life come more often.
  subscriber_.emplace(where, std::max(lease_, milliseconds(3'000)));
  connections_ = replica_.count().connections_total;
}

void redis_journal::begin(milliseconds wait, logger& log) {
  const auto begin = std::chrono::steady_clock::now();
  bool is_told = false;
  for (;;) {
    std::string why;
    if (!store_.is_connected()) {
      if (!store_.connect_or_refuse()) why = store_.failure();
      store_.disconnect();
    }
    if (why.empty()) {
      is_open_ = true;
      // An empty Redis may have lost what other nodes know, who are waited for then.
      replica_.keep_up(now_ms());
      if (replica_.is_following()) return take_note();
      why = replica_.failure().empty() ? "other nodes are writing again what it has lost"
                                       : replica_.failure();
    }
    const auto longest = store_.is_connected() ? wait + lease_ * 3 : wait;
    if (std::chrono::steady_clock::now() - begin >= longest) {
      throw unusable_journal(why, reason::unreadable);
    }
    if (!std::exchange(is_told, true)) {
      log.write(log_level::warn, "waiting for Redis", {{"journal", name_}, {"reason", why}});
    }
    std::this_thread::sleep_for(look_interval);
  }
}

void redis_journal::load(const visitor& take) {
  visit(take);
}

void redis_journal::visit(const visitor& take) {
  replica_.visit([&](const session::room& room) { take(room, session::write_snapshot(room)); });
}

void redis_journal::append(std::span<const output::append> what, std::span<outcome> results) {
  append_after(what, std::vector<std::uint64_t>(what.size(), replica_.told()), results);
}

void redis_journal::append_after(std::span<const output::append> what,
                                 std::span<const std::uint64_t> seen, std::span<outcome> results) {
  std::fill(results.begin(), results.end(), outcome::told);
  listen();
  std::vector<cluster::own_append> appends;
  appends.reserve(what.size());
  for (std::size_t i = 0; i < what.size(); ++i) appends.push_back({what[i], seen[i]});
  replica_.append(appends, now_ms());
  take_note();
}

void redis_journal::wake_by(const std::function<void()>& wake) {
  wake_ = wake;
  if (subscriber_) subscriber_->on_news(wake_);
}

void redis_journal::listen() {
  const std::uint64_t connections = replica_.count().connections_total;
  if (std::exchange(connections_, connections) != connections) return subscriber_->begin_again();
  const redis_subscriber::heard heard = subscriber_->take();
  if (heard.is_new) replica_.listen_again(now_ms());
  for (const std::string& message : heard.messages) replica_.receive(message, now_ms());
  if (heard.is_over) replica_.stop_listening(now_ms());
}

std::optional<milliseconds> redis_journal::keep_up(bool is_idle) {
  listen();
  if (is_idle || replica_.due() <= now_ms()) replica_.keep_up(now_ms(), is_idle);
  look_for_namesakes();
  take_note();
  return milliseconds(std::max<std::int64_t>(replica_.due() - now_ms(), 1));
}

// One that was killed, and that this node has followed, is heard of for a lease.
void redis_journal::look_for_namesakes() {
  const std::set<node_id> now = replica_.namesakes();
  std::erase_if(namesakes_, [&](const auto& one) { return now.count(one.first) == 0; });
  bool is_taken = false;
  for (const node_id one : now) {
    const std::int64_t since = namesakes_.try_emplace(one, now_ms()).first->second;
    is_taken = is_taken || now_ms() - since > lease_.count() * 2;
  }
  if (!is_taken || std::exchange(is_name_taken_, true)) return;
  log_.write(log_level::warn, "node name taken", {{"journal", name_}, {"node", node_name_}});
}

void redis_journal::take_note() {
  failure_ = replica_.failure();
  const std::lock_guard guard(mutex_);
  counted_ = replica_.count();
}

void redis_journal::copy_to(const std::string& /*file*/) {
  throw std::runtime_error("sessions in Redis are saved by Redis, with BGSAVE");
}

void redis_journal::count(journal_counters& into) const {
  const std::lock_guard guard(mutex_);
  into.log_appends = counted_.log_appends;
  redis_counters redis;
  redis.is_connected = counted_.is_connected;
  redis.connections_total = counted_.connections_total;
  redis.repaired_rooms_total = counted_.repaired_rooms_total;
  redis.replaced_rooms_total = counted_.replaced_rooms_total;
  redis.conflicts_total = counted_.conflicts_total;
  redis.catch_ups_total = counted_.catch_ups_total;
  redis.gaps_total = counted_.gaps_total;
  redis.nodes = counted_.nodes;
  into.redis = redis;
}

void redis_journal::close() {
  if (!std::exchange(is_open_, false)) return;
  subscriber_.reset();
  replica_.leave(now_ms());
  take_note();
}

void visit_redis(const redis_address& where, const journal_store::visitor& take) {
  try {
    redis_connection connection(where, look_patience);
    check_redis(connection);
    for (const auto& [code, stored] : read_all_rooms(connection)) {
      std::string fault;
      const auto state = cluster::read_state(code, stored, fault);
      if (!state) throw unusable_journal(fault, reason::unreadable);
      take(*state, session::write_snapshot(*state));
    }
  } catch (const redis_away& error) {
    throw unusable_journal(where.name() + ": " + error.what(), reason::unreadable);
  } catch (const unusable_journal& error) {
    throw unusable_journal(where.name() + ": " + error.what(), error.why());
  }
}

}  // namespace downbeat::host
