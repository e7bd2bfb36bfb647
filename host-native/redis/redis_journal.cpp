#include "redis/redis_journal.hpp"

#include "driver/entropy_source.hpp"
#include "redis/redis_scripts.hpp"
#include "session/event_text.hpp"
#include "session/evolve.hpp"
#include "text/hex.hpp"
#include "text/sha256.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

namespace downbeat::host {
namespace {

using reason = unusable_journal::reason;
using std::chrono::milliseconds;
namespace scripts = redis_scripts;

/// Of the layout in `redis_scripts.hpp`.
constexpr std::int64_t layout_version = 1;
/// How often a waiting server looks.
constexpr milliseconds look_interval{200};
/// For one answer, without a lease.
constexpr milliseconds look_patience{5'000};
/// Commands that are sent together.
constexpr std::size_t most_in_a_batch = 512;
/// A log of so many appends is replaced by a snapshot while there is nothing to append, and one of
/// `most_log_appends` at once.
constexpr std::size_t long_log_appends = 16;
constexpr std::size_t most_log_appends = 256;
/// Rooms of which snapshots are written at one time.
constexpr std::size_t rooms_in_a_slice = 64;
constexpr milliseconds idle_time{250};

std::string draw_server_id() {
  entropy_source source;
  const entropy bytes = source.draw();
  return hex::encode({reinterpret_cast<const char*>(bytes.data()), 16});
}

std::string hash_key(const std::string& code) {
  return std::string(scripts::room_prefix) + code;
}

std::string log_key(const std::string& code) {
  return std::string(scripts::log_prefix) + code;
}

/// A log's identity: two logs of the same chain have the same appends.
std::string chain_after(const std::string& before, const std::string& append,
                        std::string_view events) {
  const sha256_digest digest = sha256(before + ' ' + append + ' ' + std::string(events));
  return hex::encode({reinterpret_cast<const char*>(digest.data()), 16});
}

std::string text_of(const redis_reply& reply, std::size_t item) {
  return item < reply.items.size() ? reply.items[item].text : std::string();
}

/// The value of a line `name:value` in an answer to INFO; empty without one.
std::string info_of(const std::string& info, const std::string& name) {
  const std::string line = "\n" + name + ':';
  const auto at = ("\n" + info).find(line);
  if (at == std::string::npos) return {};
  const auto begin = at + line.size() - 1;
  return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

[[noreturn]] void damaged(const std::string& what) {
  throw unusable_journal("damaged: " + what, reason::unreadable);
}

/// A room as Redis has it.
struct read_room {
  session::room state;
  std::string append;
  std::string chain;
  std::size_t log_appends = 0;
};

/// Nothing if there is no such room.
std::optional<read_room> read(const std::string& code, const redis_reply& reply) {
  if (reply.is_error()) throw redis_away(reply.text);
  if (reply.items.size() != 5 || reply.items[1].what != redis_reply::kind::text) {
    return std::nullopt;
  }
  std::optional<session::room> state;
  if (reply.items[3].what == redis_reply::kind::text) {
    state = session::read_snapshot(reply.items[3].text);
    if (!state) damaged("the state of " + code + " cannot be read");
  }
  for (const redis_reply& one : reply.items[4].items) {
    const auto space = one.text.find(' ');
    const auto events = session::read_events(
        space == std::string::npos ? std::string_view() : std::string_view(one.text).substr(space));
    if (!events) damaged("the log of " + code + " cannot be read");
    for (const session::any_event& event : *events) evolve(state, event);
  }
  if (!state || state->code != code || std::to_string(state->head.seq) != reply.items[1].text) {
    damaged("the log of " + code + " does not lead to its head");
  }
  return read_room{*std::move(state), text_of(reply, 0), text_of(reply, 2),
                   reply.items[4].items.size()};
}

void refuse(const std::string& why) {
  throw unusable_journal(why, reason::unreadable);
}

/// Throws redis_away if it is one of the errors that pass.
void let_pass(const redis_reply& reply) {
  for (const std::string_view code : {"LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN"}) {
    if (reply.is_error(code)) throw redis_away(reply.text);
  }
}

/// Refuses what would lose sessions, or could not keep them. Throws unusable_journal, or redis_away
/// for what passes.
void check(redis_connection& connection) {
  const redis_reply reply = connection.ask({"INFO"});
  let_pass(reply);
  if (reply.is_error()) refuse("it does not say what it is: " + reply.text);
  const std::string version = info_of(reply.text, "redis_version");
  int major = 0;
  int minor = 0;
  const auto dot = version.find('.');
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (dot != std::string::npos) {
    std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  }
  if (major < 6 || (major == 6 && minor < 2)) {
    refuse("it is Redis " + version + "; 6.2 is the oldest that is supported");
  }
  if (info_of(reply.text, "cluster_enabled") == "1") {
    refuse("it is a Redis Cluster, which is not supported; use one Redis, with replicas if wanted");
  }
  const std::string policy = info_of(reply.text, "maxmemory_policy");
  if (info_of(reply.text, "maxmemory") != "0" && !policy.empty() && policy != "noeviction") {
    refuse("its maxmemory-policy is " + policy +
           ", which deletes keys when memory is short; noeviction is right");
  }
  if (info_of(reply.text, "role") == "slave") {
    throw redis_away("it is a replica, which cannot be written");
  }
  const redis_reply layout = connection.ask({"GET", scripts::version_key});
  let_pass(layout);
  if (layout.is_error()) refuse(layout.text);
  const std::string& known = layout.text;
  std::int64_t number = layout_version;
  if (!known.empty()) std::from_chars(known.data(), known.data() + known.size(), number);
  if (number > layout_version) {
    refuse("it has sessions of version " + known + ", and this program knows versions up to " +
           std::to_string(layout_version));
  }
}

std::vector<std::string> codes_of(const redis_reply& reply) {
  if (reply.is_error()) throw redis_away(reply.text);
  std::vector<std::string> codes;
  codes.reserve(reply.items.size());
  for (const redis_reply& one : reply.items) codes.push_back(one.text);
  std::sort(codes.begin(), codes.end());
  return codes;
}

/// Reads all rooms, some at a time. Before each time it calls `between`.
template <class Take, class Between>
void read_rooms(redis_connection& connection, Take take, Between between) {
  const std::vector<std::string> codes =
      codes_of(connection.ask({"SMEMBERS", scripts::sessions_key}));
  for (std::size_t begin = 0; begin < codes.size(); begin += most_in_a_batch) {
    const std::size_t end = std::min(begin + most_in_a_batch, codes.size());
    between();
    for (std::size_t i = begin; i < end; ++i) {
      connection.queue({"EVAL", scripts::read, "2", hash_key(codes[i]), log_key(codes[i])});
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (auto room = read(codes[i], connection.receive())) take(*std::move(room));
    }
  }
}

}  // namespace

redis_journal::redis_journal(redis_address where, milliseconds lease, milliseconds wait,
                             logger& log)
    : where_(std::move(where)), lease_(lease), name_(where_.name()), server_(draw_server_id()) {
  try {
    own(wait, log);
  } catch (const unusable_journal& error) {
    throw unusable_journal(name_ + ": " + error.what(), error.why());
  }
}

// An owner of whom Redis knows nothing may be alive: perhaps Redis was away, has come back empty,
// or with an old lease. So it is replaced only if for the time of a lease Redis was there and no
// renewal was seen.
void redis_journal::own(milliseconds wait, logger& log) {
  const auto begin = clock::now();
  std::string told;
  clock::time_point heard_at = begin;     ///< of the owner, or since Redis has been there
  std::optional<std::int64_t> last_rest;  ///< of its lease, on this connection
  for (;;) {
    std::string why = "another server has its sessions";
    bool is_alive = false;
    try {
      if (!connection_) {
        connect();
        heard_at = clock::now();
        last_rest.reset();
      }
      const bool is_silent = clock::now() - heard_at >= lease_;
      // Others that wait may be here for longer, and know more.
      const bool is_first = told.empty() && wait == milliseconds(0);
      const redis_reply reply = ask_to_own(is_silent ? "2" : is_first ? "1" : "0");
      if (text_of(reply, 0) == owner_) break;
      const std::int64_t rest = std::max<std::int64_t>(reply.items.at(1).integer, 0);
      is_alive = last_rest && rest > *last_rest;
      if (is_alive) heard_at = clock::now();
      last_rest = rest;
      if (text_of(reply, 0).empty()) why = "nobody has its sessions, or it has lost who has";
    } catch (const redis_away& error) {
      connection_.reset();
      // If it had just become the owner, another one may be it by now.
      term_ = 0;
      why = error.what();
    }
    const auto waited = clock::now() - begin;
    const bool is_over = waited >= wait;
    if (!connection_ && is_over) throw unusable_journal(why, reason::unreadable);
    if (is_over && (is_alive || waited >= wait + lease_ * 2)) {
      throw unusable_journal(why, reason::in_use);
    }
    if (told != why) {
      told = why;
      if (connection_) {
        log.write(log_level::info, "waiting for sessions", {{"journal", name_}, {"reason", why}});
      } else {
        log.write(log_level::warn, "waiting for Redis", {{"journal", name_}, {"reason", why}});
      }
    }
    std::this_thread::sleep_for(look_interval);
  }
}

redis_reply redis_journal::ask_to_own(std::string_view what) {
  queue(scripts::own, {scripts::owner_key, scripts::alive_key, scripts::term_key},
        {owner_, std::to_string(lease_.count()), what, std::to_string(term_)});
  redis_reply reply = connection_->receive();
  if (reply.is_error()) throw redis_away(reply.text);
  if (reply.items.size() != 4) throw redis_away("it has answered something else");
  if (text_of(reply, 0) != owner_) return reply;
  term_ = reply.items[3].integer;
  is_emptied_ = is_emptied_ || (!rooms_.empty() && reply.items[2].integer == 1);
  next_renewal_at_ = clock::now() + renewal_interval();
  const redis_reply version =
      connection_->ask({"SET", scripts::version_key, std::to_string(layout_version)});
  if (version.is_error() && !version.is_error("OOM")) throw redis_away(version.text);
  return reply;
}

void redis_journal::connect() {
  // Also before one that takes long.
  next_connect_at_ = clock::now() + reconnect_interval();
  auto connection = std::make_unique<redis_connection>(where_, patience());
  check(*connection);
  scripts_.clear();
  for (const std::string_view one :
       {scripts::own, scripts::release, scripts::append, scripts::write, scripts::remove}) {
    const redis_reply reply = connection->ask({"SCRIPT", "LOAD", one});
    let_pass(reply);
    if (reply.is_error()) refuse("it runs no scripts: " + reply.text);
    scripts_[one] = reply.text;
  }
  connection_ = std::move(connection);
  is_connected_ = true;
  owner_ = server_ + ':' + std::to_string(++connections_total_);
}

void redis_journal::load(const visitor& take) {
  failure_.clear();
  const auto take_in = [&](read_room&& room) {
    take(room.state, session::write_snapshot(room.state));
    const std::string code = room.state.code;
    note_log(code, 0, room.log_appends);
    rooms_.emplace(code, kept_room{std::move(room.state), std::move(room.chain),
                                   std::move(room.append), room.log_appends});
  };
  try {
    renew();
    read_rooms(*connection_, take_in, [this] { renew_if_due(); });
    is_loaded_ = true;
  } catch (const redis_away& error) {
    throw unusable_journal(name_ + ": " + error.what(), reason::unreadable);
  } catch (const unusable_journal& error) {
    throw unusable_journal(name_ + ": " + error.what(), error.why());
  }
}

void redis_journal::visit(const visitor& take) {
  for (const auto& [code, room] : rooms_) take(room.state, session::write_snapshot(room.state));
}

void redis_journal::append(std::span<const output::append> what, std::span<outcome> results) {
  std::fill(results.begin(), results.end(), outcome::failed);
  if (!has_connection()) return;
  failure_.clear();
  append_all(what, results);
}

void redis_journal::resolve(std::span<const output::append> what, std::span<outcome> results) {
  if (!has_connection()) return;
  failure_.clear();
  append_all(what, results);
}

// In one round trip, as far as they are of different rooms.
void redis_journal::append_all(std::span<const output::append> what, std::span<outcome> results) {
  std::size_t begin = 0;
  while (begin < what.size()) {
    std::vector<std::size_t> which;
    std::unordered_set<std::string_view> codes;
    std::size_t end = begin;
    while (end < what.size() && which.size() < most_in_a_batch &&
           codes.insert(what[end].room).second) {
      which.push_back(end++);
    }
    begin = end;
    if (!connection_) continue;
    const std::vector<std::size_t> conflicting = append_once(what, which, results);
    if (conflicting.empty() || !connection_) continue;
    // Redis has lost something.
    try {
      renew();
      reconcile();
    } catch (const redis_away& why) {
      lose_connection(why);
      continue;
    }
    for (const std::size_t one : append_once(what, conflicting, results)) {
      failure_ = "the log of " + what[one].room + " has been changed by somebody else";
    }
  }
}

std::vector<std::size_t> redis_journal::append_once(std::span<const output::append> what,
                                                    std::span<const std::size_t> which,
                                                    std::span<outcome> results) {
  std::vector<std::size_t> sent;
  for (const std::size_t one : which) {
    results[one] = outcome::failed;
    const auto found = rooms_.find(what[one].room);
    const std::uint64_t head = found == rooms_.end() ? 0 : found->second.state.head.seq;
    if (head != what[one].expected_head) {
      // This cannot be: only this process appends.
      failure_ = "the log of " + what[one].room + " has another length than expected";
      continue;
    }
    queue_append(what[one]);
    results[one] = outcome::unknown;
    sent.push_back(one);
  }
  std::vector<std::size_t> conflicting;
  try {
    for (const std::size_t one : sent) {
      const redis_reply reply = receive_change();
      if (reply.text == "appended") {
        take_in(what[one]);
        results[one] = outcome::appended;
        continue;
      }
      // Redis refuses before it writes anything of a script.
      results[one] = outcome::failed;
      if (reply.is_error()) {
        failure_ = reply.text;
      } else {
        conflicting.push_back(one);
      }
    }
  } catch (const redis_away& why) {
    lose_connection(why);
  }
  return conflicting;
}

void redis_journal::take_in(const output::append& what) {
  const std::string id = server_ + ':' + std::to_string(what.append_id);
  const auto found = rooms_.find(what.room);
  const bool is_new = found == rooms_.end();
  std::optional<session::room> state;
  std::string chain;
  std::size_t appends = 0;
  if (!is_new) {
    state = std::move(found->second.state);
    chain = std::move(found->second.chain);
    appends = found->second.log_appends;
  }
  const auto events = session::read_events(what.events);
  if (events) {
    for (const session::any_event& event : *events) evolve(state, event);
  }
  chain = chain_after(chain, id, what.events);
  if (what.new_head == 0 || !state) {
    note_log(what.room, appends, 0);
    rooms_.erase(what.room);
    return;
  }
  note_log(what.room, appends, appends + 1);
  rooms_.insert_or_assign(what.room,
                          kept_room{*std::move(state), std::move(chain), id, appends + 1});
}

void redis_journal::note_log(const std::string& code, std::size_t before, std::size_t after) {
  log_appends_ += after;
  log_appends_ -= before;
  for (auto& [logs, least] :
       {std::pair{&long_logs_, long_log_appends}, {&full_logs_, most_log_appends}}) {
    if (after >= least) {
      logs->insert(code);
    } else {
      logs->erase(code);
    }
  }
}

bool redis_journal::has_connection() {
  if (connection_) return true;
  const auto begin = clock::now();
  if (begin < next_connect_at_) return false;
  try {
    connect();
    renew();
    reconcile();
    failure_.clear();
    return true;
  } catch (const redis_away& why) {
    lose_connection(why);
  } catch (const unusable_journal& why) {
    if (why.why() == reason::in_use) throw;
    // It is another one than at the start; perhaps it will be the right one again.
    lose_connection(redis_away(why.what()));
  }
  // An attempt may take seconds. Between two there is as much time for what waits to be refused.
  const auto now = clock::now();
  next_connect_at_ =
      now + std::clamp<clock::duration>(now - begin, reconnect_interval(), lease_ / 4);
  return false;
}

void redis_journal::lose_connection(const redis_away& why) {
  connection_.reset();
  is_connected_ = false;
  failure_ = why.what();
}

// By the term it is known whether another server has owned them since, or Redis has been replaced
// by a copy of earlier days.
void redis_journal::renew() {
  if (text_of(ask_to_own("0"), 0) == owner_) return;
  // Nothing is left to be given up.
  term_ = 0;
  throw unusable_journal("another server has taken over the sessions", reason::in_use);
}

void redis_journal::renew_if_due() {
  if (clock::now() >= next_renewal_at_) renew();
}

void redis_journal::reconcile() {
  is_emptied_ = false;
  std::vector<std::string> codes;
  codes.reserve(rooms_.size());
  for (const auto& [code, room] : rooms_) codes.push_back(code);
  const redis_reply known = connection_->ask({"SMEMBERS", scripts::sessions_key});
  std::unordered_set<std::string> listed;
  for (std::string& code : codes_of(known)) listed.insert(std::move(code));
  std::vector<std::string> wrong;
  for (std::size_t begin = 0; begin < codes.size(); begin += most_in_a_batch) {
    const std::size_t end = std::min(begin + most_in_a_batch, codes.size());
    renew_if_due();
    for (std::size_t i = begin; i < end; ++i) {
      connection_->queue({"HMGET", hash_key(codes[i]), "seq", "chain"});
    }
    for (std::size_t i = begin; i < end; ++i) {
      const redis_reply reply = connection_->receive();
      const kept_room& room = rooms_.at(codes[i]);
      if (text_of(reply, 0) != std::to_string(room.state.head.seq) ||
          text_of(reply, 1) != room.chain || listed.count(codes[i]) == 0) {
        wrong.push_back(codes[i]);
      }
    }
  }
  // A copy without the last appends has rooms that have ended since.
  for (const std::string& code : listed) {
    if (rooms_.count(code) == 0) wrong.push_back(code);
  }
  repaired_rooms_total_ += wrong.size();
  write_rooms(wrong);
}

// Writes the state of these rooms, or removes what is there of rooms that have ended.
void redis_journal::write_rooms(std::span<const std::string> codes) {
  for (std::size_t begin = 0; begin < codes.size(); begin += most_in_a_batch) {
    const auto part = codes.subspan(begin, std::min(most_in_a_batch, codes.size() - begin));
    renew_if_due();
    for (const std::string& code : part) queue_write(code);
    for (const std::string& code : part) {
      const redis_reply reply = receive_change();
      if (reply.is_error() || reply.text != "written") {
        throw redis_away("it takes no state of " + code + ": " + reply.text);
      }
      const auto found = rooms_.find(code);
      if (found == rooms_.end()) continue;
      note_log(code, found->second.log_appends, 0);
      found->second.log_appends = 0;
    }
  }
}

std::optional<milliseconds> redis_journal::keep_up(bool is_idle) {
  if (!has_connection()) return reconnect_interval();
  failure_.clear();
  try {
    renew_if_due();
    if (is_emptied_) reconcile();
    std::vector<std::string> codes;
    for (const std::string& code : is_idle ? long_logs_ : full_logs_) {
      if (codes.size() == rooms_in_a_slice) break;
      codes.push_back(code);
    }
    write_rooms(codes);
  } catch (const redis_away& why) {
    lose_connection(why);
    return milliseconds(0);
  }
  const auto rest = std::chrono::ceil<milliseconds>(next_renewal_at_ - clock::now());
  return std::clamp(rest, milliseconds(0), long_logs_.empty() ? renewal_interval() : idle_time);
}

void redis_journal::queue(std::string_view script, std::initializer_list<std::string_view> keys,
                          std::initializer_list<std::string_view> arguments) {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> command = {"EVALSHA", scripts_.at(script), count};
  command.insert(command.end(), keys);
  command.insert(command.end(), arguments);
  connection_->queue(command);
}

void redis_journal::queue_of_room(std::string_view script, const std::string& code,
                                  std::initializer_list<std::string_view> arguments) {
  const std::string room = hash_key(code);
  const std::string log = log_key(code);
  const std::string count = "4";
  std::vector<std::string_view> command = {"EVALSHA",
                                           scripts_.at(script),
                                           count,
                                           scripts::owner_key,
                                           scripts::sessions_key,
                                           room,
                                           log,
                                           owner_,
                                           code};
  command.insert(command.end(), arguments);
  connection_->queue(command);
}

void redis_journal::queue_append(const output::append& what) {
  const auto found = rooms_.find(what.room);
  const std::string chain = found == rooms_.end() ? std::string() : found->second.chain;
  const std::string id = server_ + ':' + std::to_string(what.append_id);
  queue_of_room(scripts::append, what.room,
                {id, std::to_string(what.expected_head), chain, std::to_string(what.new_head),
                 chain_after(chain, id, what.events), what.events});
}

void redis_journal::queue_write(const std::string& code) {
  const auto found = rooms_.find(code);
  if (found == rooms_.end()) return queue_of_room(scripts::remove, code, {});
  const kept_room& room = found->second;
  queue_of_room(scripts::write, code,
                {room.append, std::to_string(room.state.head.seq), room.chain,
                 session::write_snapshot(room.state)});
}

redis_reply redis_journal::receive_change() {
  redis_reply reply = connection_->receive();
  // This one will not write any more, or has forgotten the scripts; another connection may help.
  for (const std::string_view code : {"READONLY", "LOADING", "NOSCRIPT", "MASTERDOWN"}) {
    if (reply.is_error(code)) throw redis_away(reply.text);
  }
  return reply;
}

void redis_journal::copy_to(const std::string& /*file*/) {
  throw std::runtime_error("sessions in Redis are saved by Redis, with BGSAVE");
}

void redis_journal::count(journal_counters& into) const {
  into.log_appends = log_appends_;
  into.redis = redis_counters{is_connected_, connections_total_, repaired_rooms_total_};
}

void redis_journal::close() {
  failure_.clear();
  if (term_ == 0) return;
  // Without all rooms in memory, `reconcile` would remove those that have not been read.
  try {
    next_connect_at_ = {};
    try {
      if (connection_) renew();
    } catch (const redis_away& why) {
      if (!is_loaded_) throw;
      lose_connection(why);
    }
    // Redis may just have come back, perhaps empty, and this process is the last that knows.
    if (has_connection()) {
      if (is_emptied_ && is_loaded_) reconcile();
      queue(scripts::release, {scripts::owner_key, scripts::alive_key}, {owner_});
      connection_->receive();
    }
  } catch (const std::exception& why) {
    failure_ = why.what();
  }
  term_ = 0;
  connection_.reset();
  is_connected_ = false;
}

void visit_redis(const redis_address& where, const journal_store::visitor& take) {
  try {
    redis_connection connection(where, look_patience);
    check(connection);
    read_rooms(
        connection,
        [&](read_room&& room) { take(room.state, session::write_snapshot(room.state)); }, [] {});
  } catch (const redis_away& error) {
    throw unusable_journal(where.name() + ": " + error.what(), reason::unreadable);
  } catch (const unusable_journal& error) {
    throw unusable_journal(where.name() + ": " + error.what(), error.why());
  }
}

}  // namespace downbeat::host
