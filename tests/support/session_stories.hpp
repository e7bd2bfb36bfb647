#pragma once

#include "session/directory.hpp"
#include "support/session_events.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace downbeat::session::test {

using events = std::vector<any_notified>;

/// A participant as the helpers below make them.
inline participant person(const std::string& id, const std::string& instrument = "unknown") {
  return {user_id(id), "Name of " + id, instrument};
}

/// A directory, with short functions for what users do in it.
struct stage {
  explicit stage(const limits& limits = {}) : all(limits) {}

  events create(const std::string& user) {
    return apply(all, command::create{user_id(user), person(user).name, "unknown", next_seed++});
  }
  events join(const std::string& user, const std::string& code,
              const std::string& instrument = "unknown") {
    return apply(all, command::join{user_id(user), code, person(user).name, instrument});
  }
  events leave(const std::string& user, const std::string& code) {
    return apply(all, command::leave{user_id(user), code});
  }
  events update(const std::string& user, std::optional<std::string> name,
                std::optional<std::string> instrument) {
    return apply(all, command::update{user_id(user), std::move(name), std::move(instrument)});
  }
  events disconnect(const std::string& user) {
    return apply(all, command::disconnect{user_id(user)});
  }

  /// Lets the first user create a room and the others join it, in this order. Returns its code.
  std::string room_with(const std::vector<std::string>& users) {
    create(users.front());
    const std::string code = all.room_of(user_id(users.front()))->code;
    for (std::size_t i = 1; i < users.size(); ++i) join(users[i], code);
    return code;
  }

  /// The participants of a room, in order of joining; empty if there is no such room.
  [[nodiscard]] std::vector<std::string> members(const std::string& code) const {
    std::vector<std::string> ids;
    const room* const place = all.find(code);
    if (place == nullptr) return ids;
    for (const participant& member : place->participants) ids.push_back(member.id.str());
    return ids;
  }

  directory all;
  std::uint64_t next_seed = 1;
};

}  // namespace downbeat::session::test
