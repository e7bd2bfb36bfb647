#pragma once

#include "session/canonical_code.hpp"
#include "session/directory.hpp"
#include "session/room_code.hpp"
#include "shard.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::session::test {

/// Whether this code format could have made the code.
inline bool fits(const code_format& format, std::string_view code) {
  const std::size_t hyphen = code.find('-');
  if (hyphen == std::string_view::npos) return false;
  if (format.words.empty()) {
    if (hyphen != 4) return false;
    for (const char c : code.substr(0, hyphen)) {
      if (format.suffix.front().find(c) == std::string_view::npos) return false;
    }
  } else if (std::find(format.words.begin(), format.words.end(), code.substr(0, hyphen)) ==
             format.words.end()) {
    return false;
  }
  std::string_view suffix = code.substr(hyphen + 1);
  for (const std::string_view place : format.suffix) {
    if (place.empty()) break;
    if (suffix.empty() || place.find(suffix.front()) == std::string_view::npos) return false;
    suffix.remove_prefix(1);
  }
  return suffix.empty();
}

/// What is wrong with the codes of all live rooms; empty if nothing is.
inline std::string error_of_codes(const std::vector<std::string>& codes) {
  std::set<canonical_code> keys;
  std::map<const code_format*, std::int64_t> live;
  for (const std::string& code : codes) {
    if (code.size() > 10) return "too long: " + code;
    const auto key = canonicalize(code);
    if (!key) return "cannot be typed: " + code;
    if (!keys.insert(*key).second) return "looks like another: " + code;
    std::int64_t formats = 0;
    for (const code_format& format : code_formats()) {
      if ((format_of(*key) == &format) != fits(format, code)) return "format misjudged: " + code;
      if (!fits(format, code)) continue;
      ++formats;
      ++live[&format];
    }
    if (formats != 1) return "not of exactly one format: " + code;
  }
  for (const code_format& format : code_formats()) {
    if (live[&format] * format.codes_per_live_room > format.possible_codes()) {
      return "too many of the possible codes are live";
    }
  }
  return {};
}

/// What is wrong with the directories of all shards; empty if nothing is. `users` are all users who
/// may be in them, without duplicates. After a restart two shards may keep the seat of one user
/// until they have notified each other: `may_be_twice`.
inline std::string broken_invariant(const std::vector<const directory*>& shards,
                                    const limits& limits, const std::vector<user_id>& users,
                                    bool may_be_twice = false) {
  std::vector<std::string> codes;
  std::set<user_id> placed;
  std::int64_t sessions = 0;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    const directory& here = *shards[shard];
    std::map<std::int64_t, const room*> rooms;
    std::int64_t participants = 0;
    for (const user_id& user : users) {
      const room* const place = here.room_of(user);
      if (place == nullptr) continue;
      if (!placed.insert(user).second && !may_be_twice) {
        return user.str() + " is in rooms of two shards";
      }
      ++participants;
      rooms[place->number] = place;
      const auto is_user = [&](const participant& candidate) { return candidate.id == user; };
      if (std::count_if(place->participants.begin(), place->participants.end(), is_user) != 1) {
        return user.str() + " is not exactly once in the room that is said to be theirs";
      }
    }
    std::int64_t listed = 0;
    for (const auto& [number, place] : rooms) {
      listed += static_cast<std::int64_t>(place->participants.size());
      for (const participant& member : place->participants) {
        if (here.room_of(member.id) != place) return member.id.str() + " is listed in two rooms";
      }
      if (here.room_of(place->host()) != place) return place->code + " has a host from elsewhere";
    }
    if (listed != participants || here.participant_count() != participants) {
      return "participants are miscounted";
    }
    // Reservations keep a room that all participants have left.
    for (const room* const place : here.rooms()) {
      if (place->participants.empty() && place->reservations > 0) rooms[place->number] = place;
    }
    for (const auto& [number, place] : rooms) {
      codes.push_back(place->code);
      const auto taken =
          static_cast<std::int64_t>(place->participants.size()) + place->reservations;
      if (limits.max_participants != 0 && taken > limits.max_participants) {
        return place->code + " is over its limit";
      }
      if (here.find(place->code) != place) return place->code + " is not found by its code";
      if (shard_of(*canonicalize(place->code), static_cast<shard_index>(shards.size())) != shard) {
        return place->code + " is the code of another shard";
      }
    }
    // Rooms without participants would be counted here and not above.
    if (here.session_count() != static_cast<std::int64_t>(rooms.size())) {
      return "an empty room is kept";
    }
    sessions += here.session_count();
  }
  if (limits.max_sessions != 0 && sessions > limits.max_sessions) {
    return "there are too many sessions";
  }
  return error_of_codes(codes);
}

inline std::string broken_invariant(const directory& all, const limits& limits,
                                    const std::vector<user_id>& users) {
  return broken_invariant(std::vector<const directory*>{&all}, limits, users);
}

}  // namespace downbeat::session::test
