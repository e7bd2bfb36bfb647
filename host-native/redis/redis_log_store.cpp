#include "redis/redis_log_store.hpp"

#include "cluster/entry_text.hpp"
#include "cluster/lineages.hpp"
#include "journal/journal_store.hpp"
#include "redis/redis_check.hpp"
#include "redis/redis_scripts.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace downbeat::host {
namespace {

namespace scripts = redis_scripts;
using namespace cluster;

/// Commands that are sent together.
constexpr std::size_t most_in_a_batch = 512;
/// How many appends the stream keeps at least, for nodes that were away.
constexpr std::string_view stream_entries = "10000";

std::string key(std::string_view prefix, const std::string& of) {
  return std::string(prefix) + of;
}

std::string node_key(node_id node) {
  return key(scripts::node_prefix, std::to_string(node));
}

std::uint64_t number_of(const redis_reply& reply) {
  if (reply.what == redis_reply::kind::integer) return static_cast<std::uint64_t>(reply.integer);
  std::uint64_t number = 0;
  std::from_chars(reply.text.data(), reply.text.data() + reply.text.size(), number);
  return number;
}

/// An id in the hash of nodes; 0 if it is none.
node_id node_of(const redis_reply& reply) {
  const std::uint64_t number = number_of(reply);
  return std::to_string(number) == reply.text ? number : 0;
}

/// Whether an error of the script `append` says that it has written nothing. Redis 6 puts it at the
/// end of a longer text.
bool is_before_any_write(const std::string& error) {
  for (const std::string_view code : {"OOM", "MISCONF", "NOREPLICAS", "BUSY", "NOAUTH", "WRONGTYPE",
                                      "READONLY", "LOADING", "MASTERDOWN"}) {
    const std::string word = std::string(code) + ' ';
    if (error.starts_with(word) || error.find(" -" + word) != std::string::npos) return true;
  }
  return false;
}

const redis_reply& item(const redis_reply& reply, std::size_t which) {
  if (which >= reply.items.size()) throw redis_away("it has answered something else");
  return reply.items[which];
}

stored_room read_room(const redis_reply& reply) {
  stored_room room;
  room.head = {number_of(item(reply, 1)), item(reply, 2).text, item(reply, 0).text,
               item(reply, 4).text};
  if (room.head.seq == 0) return {};
  room.state = item(reply, 3).text;
  for (const redis_reply& one : item(reply, 5).items) {
    const auto space = std::min(one.text.find(' '), one.text.size());
    room.log.push_back(
        {one.text.substr(0, space), one.text.substr(std::min(space + 1, one.text.size()))});
  }
  return room;
}

std::vector<std::string> codes_of(const redis_reply& reply) {
  std::vector<std::string> codes;
  codes.reserve(reply.items.size());
  for (const redis_reply& one : reply.items) codes.push_back(one.text);
  std::sort(codes.begin(), codes.end());
  return codes;
}

/// What would be read as something else must not be written.
void refuse_errors(const redis_reply& reply) {
  if (reply.is_error()) throw redis_away(reply.text);
}

}  // namespace

std::string appends_channel(const redis_address& where) {
  return key(scripts::channel_prefix, std::to_string(where.database));
}

redis_log_store::redis_log_store(redis_address where, std::chrono::milliseconds patience)
    : where_(std::move(where)), patience_(patience), channel_(appends_channel(where_)) {}

template <class Work>
bool redis_log_store::attempt(Work work) {
  if (!connection_) {
    if (failure_.empty()) failure_ = "there is no connection";
    return false;
  }
  try {
    work();
    return true;
  } catch (const redis_away& why) {
    failure_ = why.what();
    connection_.reset();
    return false;
  }
}

std::string redis_log_store::open() {
  auto connection = std::make_unique<redis_connection>(where_, patience_);
  std::string process = check_redis(*connection);
  const redis_reply alive = connection->ask({"EXISTS", scripts::alive_key_of_1});
  if (!alive.is_error() && alive.integer == 1) {
    throw unusable_journal("a server of an earlier version has its sessions",
                           unusable_journal::reason::in_use);
  }
  const redis_reply version =
      connection->ask({"SET", scripts::version_key, std::to_string(redis_layout)});
  if (version.is_error() && !version.is_error("OOM")) throw redis_away(version.text);
  scripts_.clear();
  for (const std::string_view one :
       {scripts::announce, scripts::leave, scripts::remove_node, scripts::append, scripts::read,
        scripts::compact, scripts::begin_repair, scripts::keep_repairing, scripts::write,
        scripts::end_repair}) {
    redis_reply reply = connection->ask({"SCRIPT", "LOAD", one});
    let_pass(reply);
    if (reply.is_error()) {
      throw unusable_journal("it runs no scripts: " + reply.text,
                             unusable_journal::reason::unreadable);
    }
    scripts_[one] = std::move(reply.text);
  }
  connection_ = std::move(connection);
  failure_.clear();
  return process;
}

std::optional<std::string> redis_log_store::connect_or_refuse() {
  connection_.reset();
  try {
    return open();
  } catch (const redis_away& why) {
    failure_ = why.what();
  }
  return std::nullopt;
}

std::optional<std::string> redis_log_store::connect() {
  try {
    return connect_or_refuse();
  } catch (const unusable_journal& why) {
    // It is another one than at the start; perhaps it will be the right one again.
    failure_ = why.what();
  }
  return std::nullopt;
}

void redis_log_store::queue(std::string_view script, std::initializer_list<std::string_view> keys,
                            std::initializer_list<std::string_view> arguments) {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> command = {"EVALSHA", scripts_.at(script), count};
  command.insert(command.end(), keys);
  command.insert(command.end(), arguments);
  connection_->queue(command);
}

redis_reply redis_log_store::receive() {
  redis_reply reply = connection_->receive();
  // This one will not write any more, or has forgotten the scripts; another connection may help.
  for (const std::string_view code : {"READONLY", "LOADING", "NOSCRIPT", "MASTERDOWN"}) {
    if (reply.is_error(code)) throw redis_away(reply.text);
  }
  return reply;
}

redis_reply redis_log_store::receive_result() {
  redis_reply reply = receive();
  refuse_errors(reply);
  return reply;
}

redis_reply redis_log_store::ask(std::string_view script,
                                 std::initializer_list<std::string_view> keys,
                                 std::initializer_list<std::string_view> arguments) {
  queue(script, keys, arguments);
  return receive_result();
}

std::optional<store_state> redis_log_store::announce(const sender& who, std::string_view text,
                                                     std::int64_t lease_ms, bool is_news) {
  store_state state;
  const bool is_done = attempt([&] {
    const redis_reply reply = ask(scripts::announce,
                                  {node_key(who.node), scripts::nodes_key, scripts::n_key,
                                   scripts::lineage_key, scripts::repair_key, scripts::appends_key},
                                  {std::to_string(who.node), std::to_string(who.connection),
                                   std::to_string(lease_ms), text, is_news ? "1" : "0", channel_});
    state.n = number_of(item(reply, 0));
    if (const auto last = read_entry(state.n, item(reply, 1).text)) state.last = last->append;
    state.lineage = item(reply, 2).text;
    state.repaired_by = number_of(item(reply, 3));
    for (const redis_reply& one : item(reply, 4).items) {
      state.nodes.push_back({node_of(item(one, 0)), item(one, 1).text, item(one, 2).integer == 1});
    }
    std::sort(state.nodes.begin(), state.nodes.end(),
              [](const announced_node& a, const announced_node& b) { return a.node < b.node; });
  });
  return is_done ? std::optional(std::move(state)) : std::nullopt;
}

bool redis_log_store::leave(const sender& who) {
  return attempt([&] {
    ask(scripts::leave, {node_key(who.node), scripts::nodes_key, scripts::n_key},
        {std::to_string(who.node), channel_});
  });
}

bool redis_log_store::remove_node(node_id which) {
  return attempt([&] {
    ask(scripts::remove_node, {node_key(which), scripts::nodes_key}, {std::to_string(which)});
  });
}

bool redis_log_store::begin_lineage(std::string_view lineage) {
  return attempt([&] {
    connection_->queue({"SET", scripts::lineage_key, lineage, "NX"});
    receive_result();
  });
}

void redis_log_store::append(const sender& who, std::string_view lineage,
                             std::span<const log_entry> what, std::span<append_answer> answers) {
  using outcome = append_answer::outcome;
  const std::string node = node_key(who.node);
  const std::string connection = std::to_string(who.connection);
  const auto take = [&](const redis_reply& reply) -> append_answer {
    if (!reply.items.empty()) {
      return {outcome::appended, number_of(item(reply, 0)),
              static_cast<std::size_t>(number_of(item(reply, 1)))};
    }
    if (reply.text == "repeated") return {outcome::repeated};
    if (reply.text == "conflict") return {outcome::conflict};
    if (reply.text == "stranger") return {outcome::stranger};
    if (reply.text == "repairing") return {outcome::repairing};
    if (!is_before_any_write(reply.text)) throw redis_away(reply.text);
    failure_ = reply.text;
    return {outcome::refused};
  };
  attempt([&] {
    for (std::size_t begin = 0; begin < what.size(); begin += most_in_a_batch) {
      const std::size_t end = std::min(begin + most_in_a_batch, what.size());
      for (std::size_t i = begin; i < end; ++i) {
        const log_entry& one = what[i];
        queue(scripts::append,
              {node, scripts::lineage_key, scripts::repair_key, key(scripts::room_prefix, one.room),
               key(scripts::log_prefix, one.room), scripts::sessions_key, scripts::n_key,
               scripts::appends_key},
              {connection, lineage, one.room, one.append, std::to_string(one.seq), one.chain,
               std::to_string(one.new_seq), one.new_chain, one.events, stream_entries, channel_});
      }
      for (std::size_t i = begin; i < end; ++i) answers[i] = take(receive());
    }
  });
}

std::optional<log_part> redis_log_store::read_log(std::uint64_t from, std::size_t most) {
  log_part part;
  const bool is_done = attempt([&] {
    connection_->queue({"XRANGE", scripts::appends_key, std::to_string(from) + "-0", "+", "COUNT",
                        std::to_string(most)});
    const redis_reply reply = receive_result();
    for (const redis_reply& one : reply.items) {
      const std::uint64_t n = number_of(item(one, 0));
      // Somebody else may have written there.
      log_entry none;
      none.n = n;
      part.entries.push_back(read_entry(n, item(item(one, 1), 1).text).value_or(none));
    }
    part.is_complete = part.entries.size() < most;
  });
  return is_done ? std::optional(std::move(part)) : std::nullopt;
}

std::optional<std::map<std::string, log_head>> redis_log_store::read_heads() {
  std::map<std::string, log_head> heads;
  const bool is_done = attempt([&] {
    connection_->queue({"SMEMBERS", scripts::sessions_key});
    const std::vector<std::string> codes = codes_of(receive_result());
    for (std::size_t begin = 0; begin < codes.size(); begin += most_in_a_batch) {
      const std::size_t end = std::min(begin + most_in_a_batch, codes.size());
      for (std::size_t i = begin; i < end; ++i) {
        connection_->queue(
            {"HMGET", key(scripts::room_prefix, codes[i]), "seq", "chain", "append", "lineage"});
      }
      for (std::size_t i = begin; i < end; ++i) {
        const redis_reply reply = receive_result();
        const std::uint64_t seq = number_of(item(reply, 0));
        if (seq == 0) continue;
        heads[codes[i]] = {seq, item(reply, 1).text, item(reply, 2).text, item(reply, 3).text};
      }
    }
  });
  return is_done ? std::optional(std::move(heads)) : std::nullopt;
}

std::optional<std::vector<stored_room>> redis_log_store::read_rooms(
    std::span<const std::string> codes) {
  std::vector<stored_room> rooms;
  const bool is_done = attempt([&] {
    for (const std::string& code : codes) {
      queue(scripts::read, {key(scripts::room_prefix, code), key(scripts::log_prefix, code)}, {});
    }
    for (std::size_t i = 0; i < codes.size(); ++i) rooms.push_back(read_room(receive_result()));
  });
  return is_done ? std::optional(std::move(rooms)) : std::nullopt;
}

std::optional<std::size_t> redis_log_store::compact(std::span<const room_to_write> what) {
  std::size_t written = 0;
  std::string refused;
  const bool is_done = attempt([&] {
    for (const room_to_write& one : what) {
      queue(scripts::compact,
            {key(scripts::room_prefix, one.room), key(scripts::log_prefix, one.room)},
            {one.head.chain, one.state});
    }
    for (std::size_t i = 0; i < what.size(); ++i) {
      const redis_reply reply = receive();
      if (reply.is_error()) refused = reply.text;
      if (reply.integer == 1) ++written;
    }
  });
  if (!is_done) return std::nullopt;
  if (!refused.empty()) {
    failure_ = refused;
    return std::nullopt;
  }
  return written;
}

bool redis_log_store::begin_repair(const sender& who, std::int64_t lease_ms) {
  bool is_ours = false;
  attempt([&] {
    is_ours =
        ask(scripts::begin_repair, {node_key(who.node), scripts::repair_key},
            {std::to_string(who.connection), std::to_string(who.node), std::to_string(lease_ms)})
            .integer == 1;
  });
  return is_ours;
}

bool redis_log_store::keep_repairing(const sender& who, std::int64_t lease_ms) {
  bool is_ours = false;
  attempt([&] {
    is_ours =
        ask(scripts::keep_repairing, {node_key(who.node), scripts::repair_key},
            {std::to_string(who.connection), std::to_string(who.node), std::to_string(lease_ms)})
            .integer == 1;
  });
  return is_ours;
}

bool redis_log_store::write(const sender& who, std::int64_t lease_ms,
                            std::span<const room_to_write> what) {
  bool is_ours = true;
  const bool is_done = attempt([&] {
    for (const room_to_write& one : what) {
      queue(scripts::write,
            {node_key(who.node), scripts::repair_key, key(scripts::room_prefix, one.room),
             key(scripts::log_prefix, one.room), scripts::sessions_key},
            {std::to_string(who.connection), std::to_string(who.node), std::to_string(lease_ms),
             one.room, one.head.append, std::to_string(one.head.seq), one.head.chain,
             one.head.lineage, one.head.seq == 0 ? std::string() : one.state});
    }
    for (std::size_t i = 0; i < what.size(); ++i) {
      const redis_reply reply = receive();
      if (reply.integer == 1) continue;
      is_ours = false;
      failure_ = reply.is_error() ? reply.text : "another node repairs it";
    }
  });
  return is_done && is_ours;
}

std::uint64_t redis_log_store::end_repair(const sender& who, std::uint64_t n,
                                          std::string_view lineages) {
  std::uint64_t mark = 0;
  attempt([&] {
    mark = number_of(ask(scripts::end_repair,
                         {node_key(who.node), scripts::repair_key, scripts::n_key,
                          scripts::lineage_key, scripts::appends_key},
                         {std::to_string(who.connection), std::to_string(who.node),
                          std::to_string(n), lineages, latest(lineages), channel_}));
  });
  return mark;
}

std::map<std::string, stored_room> read_all_rooms(redis_connection& connection) {
  const redis_reply members = connection.ask({"SMEMBERS", scripts::sessions_key});
  refuse_errors(members);
  const std::vector<std::string> codes = codes_of(members);
  std::map<std::string, stored_room> rooms;
  for (std::size_t begin = 0; begin < codes.size(); begin += most_in_a_batch) {
    const std::size_t end = std::min(begin + most_in_a_batch, codes.size());
    for (std::size_t i = begin; i < end; ++i) {
      connection.queue({"EVAL", scripts::read, "2", key(scripts::room_prefix, codes[i]),
                        key(scripts::log_prefix, codes[i])});
    }
    for (std::size_t i = begin; i < end; ++i) {
      const redis_reply reply = connection.receive();
      refuse_errors(reply);
      stored_room room = read_room(reply);
      if (room.head.seq != 0) rooms.emplace(codes[i], std::move(room));
    }
  }
  return rooms;
}

}  // namespace downbeat::host
