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

using events = std::vector<any_event>;

/// Somebody as the helpers below introduce them.
inline participant person(const std::string& id, const std::string& instrument = "unknown") {
  return {id, "Name of " + id, instrument};
}

/// A directory and short words for what users do in it.
struct stage {
  explicit stage(const limits& limits = {}) : all(limits) {}

  events create(const std::string& user) {
    return all.apply(command::create{user, person(user).name, "unknown", next_seed++});
  }
  events join(const std::string& user, const std::string& code,
              const std::string& instrument = "unknown") {
    return all.apply(command::join{user, code, person(user).name, instrument});
  }
  events leave(const std::string& user, const std::string& code) {
    return all.apply(command::leave{user, code});
  }
  events update(const std::string& user, std::optional<std::string> name,
                std::optional<std::string> instrument) {
    return all.apply(command::update{user, std::move(name), std::move(instrument)});
  }
  events disconnect(const std::string& user) { return all.apply(command::disconnect{user}); }

  /// Has the first user create a room and the others join it, in this order; answers its code.
  std::string room_with(const std::vector<std::string>& users) {
    create(users.front());
    const std::string code = all.room_of(users.front())->code;
    for (std::size_t i = 1; i < users.size(); ++i) join(users[i], code);
    return code;
  }

  /// Who is in a room, in order of joining; nobody if there is no such room.
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
