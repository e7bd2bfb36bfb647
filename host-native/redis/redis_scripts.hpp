#pragma once

#include <string_view>

/// What Redis is asked to do in one step. Only the owner changes anything: a server that has been
/// replaced while it was asleep is told so, and writes nothing.
///
///     downbeat:version     of this layout
///     downbeat:owner       the server whose sessions they are, `free` after it has stopped in order
///     downbeat:alive       exists while the owner is heard of; ends by itself
///     downbeat:sessions    the codes of all rooms, a set
///     downbeat:room:CODE   a hash: the log's head as `seq` and `chain`, the last `append`, and a
///                          snapshot of the `state` from which the log begins
///     downbeat:log:CODE    a list: for each append since then its id, a space and its events
namespace downbeat::host::redis_scripts {

inline constexpr std::string_view version_key = "downbeat:version";
inline constexpr std::string_view owner_key = "downbeat:owner";
inline constexpr std::string_view alive_key = "downbeat:alive";
inline constexpr std::string_view sessions_key = "downbeat:sessions";
inline constexpr std::string_view room_prefix = "downbeat:room:";
inline constexpr std::string_view log_prefix = "downbeat:log:";
inline constexpr std::string_view free_owner = "free";

/// Becomes the owner, or stays so. KEYS owner, alive; ARGV server, lease in ms, whether it may
/// replace an owner of whom nothing is heard. Returns the owner, the rest of its lease in ms (-2: it
/// is over), and 1 if there was no owner.
inline constexpr std::string_view own = R"(
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] and owner ~= 'free' then
  local rest = redis.call('PTTL', KEYS[2])
  if rest > 0 or ARGV[3] ~= '1' then return {owner, rest, 0} end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[1], ARGV[1])
return {ARGV[1], tonumber(ARGV[2]), owner and 0 or 1}
)";

/// Gives up what it owns, so that the next server need not wait. KEYS owner, alive; ARGV server.
inline constexpr std::string_view release = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'free')
redis.call('DEL', KEYS[2])
return 1
)";

/// Appends to the log of a room, once for each id. KEYS owner, sessions, room, log; ARGV server,
/// code, append id, the head before as seq and chain, the head after (0 ends the log), events.
/// Returns `appended`, `conflict` if the head is another, `replaced`, or `emptied` if Redis has lost
/// everything.
inline constexpr std::string_view append = R"(
local owner = redis.call('GET', KEYS[1])
if owner ~= ARGV[1] then return owner and 'replaced' or 'emptied' end
local head = redis.call('HMGET', KEYS[3], 'append', 'seq', 'chain')
if head[1] == ARGV[3] then return 'appended' end
if (head[2] or '0') ~= ARGV[4] or (head[3] or '') ~= ARGV[5] then return 'conflict' end
if ARGV[6] == '0' then
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('SREM', KEYS[2], ARGV[2])
  return 'appended'
end
redis.call('HSET', KEYS[3], 'append', ARGV[3], 'seq', ARGV[6], 'chain', ARGV[7])
redis.call('RPUSH', KEYS[4], ARGV[3] .. ' ' .. ARGV[8])
if not head[2] then redis.call('SADD', KEYS[2], ARGV[2]) end
return 'appended'
)";

/// Writes the state of a room in place of whatever is there. KEYS as of `append`; ARGV server, code,
/// last append id, seq, chain, state. Returns `written`, `replaced` or `emptied`.
inline constexpr std::string_view write = R"(
local owner = redis.call('GET', KEYS[1])
if owner ~= ARGV[1] then return owner and 'replaced' or 'emptied' end
redis.call('HSET', KEYS[3], 'append', ARGV[3], 'seq', ARGV[4], 'chain', ARGV[5], 'state', ARGV[6])
redis.call('DEL', KEYS[4])
redis.call('SADD', KEYS[2], ARGV[2])
return 'written'
)";

/// Removes a room that has ended. KEYS as of `append`; ARGV server, code. Returns as `write`.
inline constexpr std::string_view remove = R"(
local owner = redis.call('GET', KEYS[1])
if owner ~= ARGV[1] then return owner and 'replaced' or 'emptied' end
redis.call('DEL', KEYS[3], KEYS[4])
redis.call('SREM', KEYS[2], ARGV[2])
return 'written'
)";

/// Reads a room. KEYS room, log. Returns its last append id, seq, chain, state and log.
inline constexpr std::string_view read = R"(
local room = redis.call('HMGET', KEYS[1], 'append', 'seq', 'chain', 'state')
room[5] = redis.call('LRANGE', KEYS[2], 0, -1)
return room
)";

}  // namespace downbeat::host::redis_scripts
