#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::bench {

/// How the life of somebody in a room ended.
enum class farewell {
  none,      ///< it has not
  orderly,   ///< all that was played before was heard
  abrupt,    ///< the last notes may not have arrived
  unnoticed  ///< the others are not told before the server has found out
};

/// Somebody's time in a room, from the join to the end. Its notes are numbered on from those of the
/// same musician's former lives.
struct life_in_room {
  std::uint32_t musician = 0;
  std::uint32_t room = 0;
  std::uint32_t begun = 0;  ///< the number of its first note
  std::uint32_t ended = 0;  ///< behind its last note
  farewell how = farewell::none;
};

/// What one musician has been told of the others in its room: who is there, and their notes.
class attendance {
 public:
  struct member {
    std::string id;
    std::optional<std::uint32_t> next;  ///< the number of its next note, once that is known
    /// The next note at the time when that member knew of this one: by then all are heard.
    std::optional<std::uint32_t> bound;
  };

  void clear() { members_.clear(); }
  void enter(std::string id, std::optional<std::uint32_t> next) {
    members_.push_back({std::move(id), next, std::nullopt});
  }
  [[nodiscard]] member* find(std::string_view id) {
    for (member& m : members_) {
      if (m.id == id) return &m;
    }
    return nullptr;
  }
  void remove(const member& gone) { members_.erase(members_.begin() + (&gone - members_.data())); }

  [[nodiscard]] const std::vector<member>& members() const { return members_; }

 private:
  std::vector<member> members_;
};

}  // namespace downbeat::bench
