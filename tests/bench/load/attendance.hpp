#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace downbeat::bench {

/// How a member's time in a room ended.
enum class ending {
  none,      ///< it has not ended
  orderly,   ///< the others have received all that it played
  abrupt,    ///< its last notes may be lost
  unnoticed  ///< the others learn of it only when the server notices
};

/// One stay of a musician in a room, from join to end. Its notes continue the numbers of the
/// musician's earlier stays.
struct life_in_room {
  std::uint32_t musician = 0;
  std::uint32_t room = 0;
  std::uint32_t begun = 0;  ///< the number of its first note
  std::uint32_t ended = 0;  ///< one past its last note
  ending how = ending::none;
};

/// What one musician has received about the others in its room: the members, and their notes.
class attendance {
 public:
  struct member {
    std::string id;
    std::optional<std::uint32_t> next;  ///< the number of its next note, once it is known
    /// The next note number at the time when that member learned of this one: from there on this
    /// one must receive all notes.
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
