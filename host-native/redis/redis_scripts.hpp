#pragma once

#include <string_view>

/// What Redis is asked to do in one step. Only the owner changes anything: a server that has been
/// replaced while it was asleep is told so, and writes nothing. Nor does what an earlier connection
/// of the owner has sent and what arrives late: its owner's name is another.
///
///     downbeat:version     of this layout
///     downbeat:owner       `SERVER:CONNECTION` of those whose sessions they are, or `free` after
///                          they have stopped in order
///     downbeat:term        grows with each server that becomes the owner, so that one can tell a
///                          successor from a copy of earlier days
///     downbeat:alive       exists while the owner is heard of; ends by itself
///     downbeat:sessions    the codes of all rooms, a set
///     downbeat:room:CODE   a hash: the log's head as `seq` and `chain`, the last `append`, and a
///                          snapshot of the `state` from which the log begins
///     downbeat:log:CODE    a list: for each append since then its id, a space and its events
///
/// Redis without memory refuses only the first write of a script, and never DEL. So what must be
/// possible then begins with one.
namespace downbeat::host::redis_scripts {

inline constexpr std::string_view version_key = "downbeat:version";
inline constexpr std::string_view owner_key = "downbeat:owner";
inline constexpr std::string_view term_key = "downbeat:term";
inline constexpr std::string_view alive_key = "downbeat:alive";
inline constexpr std::string_view sessions_key = "downbeat:sessions";
inline constexpr std::string_view room_prefix = "downbeat:room:";
inline constexpr std::string_view log_prefix = "downbeat:log:";

/// Becomes the owner, or stays so. KEYS owner, alive, term; ARGV owner, lease in ms, what it may
/// take (0: what was given up, 1: also what nobody has ever owned, 2: also what nothing is heard
/// of), its term (0 before it has owned anything). Returns the owner, the rest of its lease in ms
/// (-2: it is over), 1 if it was not this connection's before, and the owner's term.
inline constexpr std::string_view own = R"(
local owner = redis.call('GET', KEYS[1])
local term = tonumber(redis.call('GET', KEYS[3]) or '0')
local mine = tonumber(ARGV[4])
local is_me = owner and string.sub(owner, 1, 33) == string.sub(ARGV[1], 1, 33)
if is_me and tonumber(string.sub(owner, 34)) > tonumber(string.sub(ARGV[1], 34)) then
  return {owner, 0, 0, term}
end
if mine == 0 then
  if owner ~= 'free' and not is_me then
    local rest = redis.call('PTTL', KEYS[2])
    if ARGV[3] == '0' or (owner and (rest > 0 or ARGV[3] ~= '2')) then
      return {owner or '', rest, 0, term}
    end
  end
  local now = redis.call('TIME')
  mine = math.max(term + 1, now[1] * 1000 + math.floor(now[2] / 1000))
elseif mine < term or (mine == term and owner and not is_me) then
  return {owner or '', 0, 0, term}
end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[3], string.format('%.0f', mine))
return {ARGV[1], tonumber(ARGV[2]), owner == ARGV[1] and 0 or 1, mine}
)";

/// Gives up what it owns, so that the next server need not wait. KEYS owner, alive; ARGV owner.
inline constexpr std::string_view release = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], 'free')
return 1
)";

/// Appends to the log of a room, once for each id. KEYS owner, sessions, room, log; ARGV owner,
/// code, append id, the head before as seq and chain, the head after (0 ends the log), events.
/// Returns `appended`, `conflict` if the head is another, or `replaced` if the owner is.
inline constexpr std::string_view append = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'replaced' end
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

/// Writes the state of a room in place of whatever is there. KEYS as of `append`; ARGV owner, code,
/// last append id, seq, chain, state. Returns `written` or `replaced`.
inline constexpr std::string_view write = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'replaced' end
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[3], 'append', ARGV[3], 'seq', ARGV[4], 'chain', ARGV[5], 'state', ARGV[6])
redis.call('SADD', KEYS[2], ARGV[2])
return 'written'
)";

/// Removes a room that has ended. KEYS as of `append`; ARGV owner, code. Returns as `write`.
inline constexpr std::string_view remove = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'replaced' end
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
