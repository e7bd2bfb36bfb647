#pragma once

#include <string_view>

/// What Redis is asked to do in one step. It orders what all nodes append. A node's connections are
/// numbered, and what an earlier one has sent and what arrives late changes nothing.
///
///     downbeat:version     of this layout
///     downbeat:n           number of the last append to any room
///     downbeat:lineage     see core/cluster/lineages.hpp
///     downbeat:appends     a stream: the last appends to all rooms, as core/cluster/entry_text.hpp
///                          writes them, with their numbers as ids
///     downbeat:sessions    the codes of all rooms, a set
///     downbeat:room:CODE   a hash: the log's head as `seq` and `chain`, the last `append` and its
///                          `lineage`, and a snapshot of the `state` from which the log begins
///     downbeat:log:CODE    a list: for each append since then its id, a space and its events
///     downbeat:nodes       a hash: what each node says of itself, by its id
///     downbeat:node:ID     a node's connection; exists while the node is heard of
///     downbeat:repair      the node that repairs what Redis has lost; ends by itself
///
/// Appends, and signs of life, are published on the channel `downbeat:appended:DATABASE`. Channels
/// are the same in all databases of a Redis.
///
/// Redis without memory refuses only the first write of a script, and never DEL. So what must be
/// possible then begins with one. A script that fails in the middle has written the first half: so
/// `append` looks at everything before it writes.
namespace downbeat::host::redis_scripts {

inline constexpr std::string_view version_key = "downbeat:version";
inline constexpr std::string_view n_key = "downbeat:n";
inline constexpr std::string_view lineage_key = "downbeat:lineage";
inline constexpr std::string_view appends_key = "downbeat:appends";
inline constexpr std::string_view sessions_key = "downbeat:sessions";
inline constexpr std::string_view room_prefix = "downbeat:room:";
inline constexpr std::string_view log_prefix = "downbeat:log:";
inline constexpr std::string_view nodes_key = "downbeat:nodes";
inline constexpr std::string_view node_prefix = "downbeat:node:";
inline constexpr std::string_view repair_key = "downbeat:repair";
inline constexpr std::string_view channel_prefix = "downbeat:appended:";
/// Of layout 1: exists while its server is heard of.
inline constexpr std::string_view alive_key_of_1 = "downbeat:alive";

/// Says that a node lives. KEYS node, nodes, n, lineage, repair, appends; ARGV node's id,
/// connection, lease in ms, what it says of itself, 1 if the others are to hear of it at once,
/// channel.
/// Returns n, the last entry of the stream, the lineages, who repairs, and of each node its id,
/// what it says, and 1 if it is heard of.
inline constexpr std::string_view announce = R"(
local lineage = redis.call('GET', KEYS[4]) or ''
local n = redis.call('GET', KEYS[3]) or '0'
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4] .. ' ' .. lineage)
redis.call('PUBLISH', ARGV[6], n .. (ARGV[5] == '1' and ' ?' or ' *'))
local nodes = {}
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  nodes[#nodes + 1] = {all[i], all[i + 1], redis.call('EXISTS', 'downbeat:node:' .. all[i])}
end
local last = redis.call('XREVRANGE', KEYS[6], '+', '-', 'COUNT', 1)
return {n, last[1] and last[1][2][2] or '', lineage, redis.call('GET', KEYS[5]) or '0', nodes}
)";

/// A node stops in order. KEYS node, nodes, n; ARGV id, channel.
inline constexpr std::string_view leave = R"(
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], (redis.call('GET', KEYS[3]) or '0') .. ' ?')
return 1
)";

/// Forgets a node that is not heard of. KEYS node, nodes; ARGV id.
inline constexpr std::string_view remove_node = R"(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
return redis.call('HDEL', KEYS[2], ARGV[1])
)";

/// Appends to the log of a room. KEYS node, lineage, repair, room, log, sessions, n, appends; ARGV
/// connection, lineage, code, append id, the head before as seq and chain, the head after (0 and an
/// empty chain end the log), events, how many entries the stream keeps, channel. Returns the
/// append's number and the number of appends in the log, or `repeated` if it is the last one
/// already, `conflict` if the head is another, `stranger` if Redis is of another lineage or does
/// not know the connection, or `repairing`. The number is larger than all that the stream has,
/// whoever has written there.
inline constexpr std::string_view append = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'stranger' end
local lineage = redis.call('GET', KEYS[2]) or ''
if string.match(lineage, '^%S*') ~= ARGV[2] then return 'stranger' end
if redis.call('EXISTS', KEYS[3]) == 1 then return 'repairing' end
local head = redis.call('HMGET', KEYS[4], 'append', 'seq', 'chain')
if head[1] == ARGV[4] then return 'repeated' end
if (head[2] or '0') ~= ARGV[5] or (head[3] or '') ~= ARGV[6] then return 'conflict' end
local n = tonumber(redis.call('GET', KEYS[7]) or '0')
local top = redis.call('XREVRANGE', KEYS[8], '+', '-', 'COUNT', 1)[1]
if top then n = math.max(n or 0, tonumber(string.match(top[1], '^%d+'))) end
if not n or n >= 9007199254740991 then
  return redis.error_reply('WRONGTYPE the number of the last append is none')
end
n = n + 1
redis.call('SISMEMBER', KEYS[6], ARGV[3])
redis.call('LLEN', KEYS[5])
local length = 0
if ARGV[7] == '0' then
  redis.call('DEL', KEYS[4], KEYS[5])
  redis.call('SREM', KEYS[6], ARGV[3])
else
  redis.call('HSET', KEYS[4], 'append', ARGV[4], 'seq', ARGV[7], 'chain', ARGV[8], 'lineage',
             ARGV[2])
  length = redis.call('RPUSH', KEYS[5], ARGV[4] .. ' ' .. ARGV[9])
  if not head[2] then redis.call('SADD', KEYS[6], ARGV[3]) end
end
redis.call('SET', KEYS[7], string.format('%.0f', n))
local function dash(chain) return chain == '' and '-' or chain end
local entry = table.concat({ARGV[3], ARGV[4], ARGV[5], dash(ARGV[6]), ARGV[7], dash(ARGV[8]),
                            ARGV[9]}, ' ')
redis.call('XADD', KEYS[8], 'MAXLEN', '~', ARGV[10], string.format('%.0f-0', n), 'entry', entry)
redis.call('PUBLISH', ARGV[11], string.format('%.0f ', n) .. entry)
return {n, length}
)";

/// Reads a room. KEYS room, log. Returns its last append id, seq, chain, state, lineage and log.
inline constexpr std::string_view read = R"(
local room = redis.call('HMGET', KEYS[1], 'append', 'seq', 'chain', 'state', 'lineage')
room[6] = redis.call('LRANGE', KEYS[2], 0, -1)
return room
)";

/// Replaces a log by a snapshot. KEYS room, log; ARGV chain, state. Returns 1, or 0 if the head is
/// another.
inline constexpr std::string_view compact = R"(
if redis.call('HGET', KEYS[1], 'chain') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'state', ARGV[2])
return 1
)";

/// Begins to repair, or goes on. KEYS node, repair; ARGV connection, id, lease in ms. Returns 1, or
/// 0 if another node does.
inline constexpr std::string_view begin_repair = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local by = redis.call('GET', KEYS[2])
if by and by ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
)";

/// Goes on with a repair. KEYS and ARGV as of `begin_repair`. Returns 1, or 0 if it is over.
inline constexpr std::string_view keep_repairing = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[3])
)";

/// Writes the state of a room in place of whatever is there, or removes it if the state is empty.
/// KEYS node, repair, room, log, sessions; ARGV connection, id, lease in ms, code, last append id,
/// seq, chain, lineage, state. Returns 1, or 0 if another node repairs.
inline constexpr std::string_view write = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[4])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if ARGV[9] == '' then
  redis.call('DEL', KEYS[3])
  redis.call('SREM', KEYS[5], ARGV[4])
  return 1
end
redis.call('HSET', KEYS[3], 'append', ARGV[5], 'seq', ARGV[6], 'chain', ARGV[7], 'lineage', ARGV[8],
           'state', ARGV[9])
redis.call('SADD', KEYS[5], ARGV[4])
return 1
)";

/// Ends the repair with a mark, after which everything has a new lineage. KEYS node, repair, n,
/// lineage, appends; ARGV connection, id, number of the mark, lineages, the latest of them,
/// channel. Returns the number that it got, a later one if something has that one already, or 0.
inline constexpr std::string_view end_repair = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
local n = math.max(tonumber(ARGV[3]), (tonumber(redis.call('GET', KEYS[3]) or '0') or 0) + 1)
local top = redis.call('XREVRANGE', KEYS[5], '+', '-', 'COUNT', 1)[1]
if top then n = math.max(n, tonumber(string.match(top[1], '^%d+')) + 1) end
if n >= 9007199254740991 then
  redis.call('DEL', KEYS[5])
  n = tonumber(ARGV[3])
end
local number = string.format('%.0f', n)
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[5], number .. '-0', 'entry', '* ' .. ARGV[5])
redis.call('SET', KEYS[3], number)
redis.call('SET', KEYS[4], ARGV[4])
redis.call('PUBLISH', ARGV[6], number .. ' * ' .. ARGV[5])
return n
)";

}  // namespace downbeat::host::redis_scripts
