#pragma once

#include "session/directory.hpp"
#include "session/room_code.hpp"
#include "session/room_key.hpp"
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

/// Whether a code could have been made in this stage.
inline bool fits(const code_stage& stage, std::string_view code) {
  const std::size_t hyphen = code.find('-');
  if (hyphen == std::string_view::npos) return false;
  if (stage.words.empty()) {
    if (hyphen != 4) return false;
    for (const char c : code.substr(0, hyphen)) {
      if (stage.suffix.front().find(c) == std::string_view::npos) return false;
    }
  } else if (std::find(stage.words.begin(), stage.words.end(), code.substr(0, hyphen)) ==
             stage.words.end()) {
    return false;
  }
  std::string_view suffix = code.substr(hyphen + 1);
  for (const std::string_view place : stage.suffix) {
    if (place.empty()) break;
    if (suffix.empty() || place.find(suffix.front()) == std::string_view::npos) return false;
    suffix.remove_prefix(1);
  }
  return suffix.empty();
}

/// What is wrong with the codes of all live rooms; empty when nothing is.
inline std::string flaw_of_codes(const std::vector<std::string>& codes) {
  std::set<room_key> keys;
  std::map<const code_stage*, std::int64_t> live;
  for (const std::string& code : codes) {
    if (code.size() > 10) return "too long: " + code;
    const auto key = fold(code);
    if (!key) return "cannot be typed: " + code;
    if (!keys.insert(*key).second) return "looks like another: " + code;
    std::int64_t stages = 0;
    for (const code_stage& stage : code_stages()) {
      if ((stage_of(*key) == &stage) != fits(stage, code)) return "stage misjudged: " + code;
      if (!fits(stage, code)) continue;
      ++stages;
      ++live[&stage];
    }
    if (stages != 1) return "not of exactly one stage: " + code;
  }
  for (const code_stage& stage : code_stages()) {
    if (live[&stage] * stage.codes_per_live_room > stage.possible_codes()) {
      return "too many of the possible codes are live";
    }
  }
  return {};
}

/// What is wrong with the directories of all shards; empty when nothing is. `users` are all who may
/// be in them, each named once.
inline std::string broken_invariant(const std::vector<const directory*>& shards,
                                    const limits& limits, const std::vector<user_id>& users) {
  std::vector<std::string> codes;
  std::set<user_id> placed;
  std::int64_t sessions = 0;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    const directory& here = *shards[shard];
    std::map<std::int64_t, const room*> rooms;
    std::int64_t seated = 0;
    for (const user_id& user : users) {
      const room* const place = here.room_of(user);
      if (place == nullptr) continue;
      if (!placed.insert(user).second) return user.str() + " is in rooms of two shards";
      ++seated;
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
    if (listed != seated || here.participant_count() != seated) {
      return "participants are miscounted";
    }
    // Those on the way to a room that all others have left keep it.
    for (const room* const place : here.rooms()) {
      if (place->participants.empty() && place->held_seats > 0) rooms[place->number] = place;
    }
    for (const auto& [number, place] : rooms) {
      codes.push_back(place->code);
      const auto taken = static_cast<std::int64_t>(place->participants.size()) + place->held_seats;
      if (limits.max_participants != 0 && taken > limits.max_participants) {
        return place->code + " is over its limit";
      }
      if (here.find(place->code) != place) return place->code + " is not found by its code";
      if (shard_of(*fold(place->code), static_cast<shard_index>(shards.size())) != shard) {
        return place->code + " is the code of another shard";
      }
    }
    // Rooms that nobody is in would be counted here and not above.
    if (here.session_count() != static_cast<std::int64_t>(rooms.size())) {
      return "an empty room is kept";
    }
    sessions += here.session_count();
  }
  if (limits.max_sessions != 0 && sessions > limits.max_sessions) {
    return "there are too many sessions";
  }
  return flaw_of_codes(codes);
}

inline std::string broken_invariant(const directory& all, const limits& limits,
                                    const std::vector<user_id>& users) {
  return broken_invariant(std::vector<const directory*>{&all}, limits, users);
}

}  // namespace downbeat::session::test
