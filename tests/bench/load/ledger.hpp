#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace downbeat::bench {

/// What a correct server never does.
struct faults {
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t reordered = 0;
  std::uint64_t strayed = 0;  ///< reached somebody it was not meant for, or was altered

  [[nodiscard]] bool any() const { return lost + doubled + reordered + strayed > 0; }
};

/// Books of who has heard what of whom, kept for each pair of a sender and a listener in a room.
/// Members are numbered room by room.
class ledger {
 public:
  ledger(std::size_t rooms, std::size_t members_of_a_room);

  /// Enters an event that was sent, and answers its sequence number.
  std::uint32_t sent(std::uint32_t sender) { return sent_[sender]++; }

  /// Enters one that arrived, and answers how many the listener has now heard or missed for good:
  /// by that a sender knows how far the listener is, also when something was lost.
  std::uint32_t heard(std::uint32_t listener, std::uint32_t sender, std::uint32_t sequence) {
    if (!is_pair(listener, sender) || sequence >= sent_[sender]) {
      ++faults_.strayed;
      return 0;
    }
    std::uint32_t& next = next_[listener * members_ + sender % members_];
    if (sequence == next) {
      ++next;
      return 1;
    }
    return heard_out_of_order(listener, sender, sequence, next);
  }

  void strayed() { ++faults_.strayed; }

  [[nodiscard]] std::uint32_t sent_by(std::uint32_t sender) const { return sent_[sender]; }

  /// All faults, when nothing is on its way any more: what is missing now is lost.
  [[nodiscard]] faults close() const;

 private:
  [[nodiscard]] bool is_pair(std::uint32_t listener, std::uint32_t sender) const {
    return sender < sent_.size() && sender != listener && sender / members_ == listener / members_;
  }

  std::uint32_t heard_out_of_order(std::uint32_t listener, std::uint32_t sender,
                                   std::uint32_t sequence, std::uint32_t& next);

  std::uint32_t members_;
  std::vector<std::uint32_t> sent_;
  std::vector<std::uint32_t> next_;  ///< by listener, and the sender's seat in the room
  std::unordered_map<std::uint64_t, std::unordered_set<std::uint32_t>> missing_;
  faults faults_;
};

}  // namespace downbeat::bench
