#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace downbeat::bench {

/// Errors that a correct server never makes.
struct faults {
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t reordered = 0;
  std::uint64_t strayed = 0;  ///< received by a client that should not get it, or changed

  [[nodiscard]] bool any() const { return lost + doubled + reordered + strayed > 0; }
};

/// Records, for each pair of sender and receiver in a room, which events were received. Members are
/// numbered room by room.
class ledger {
 public:
  ledger(std::size_t rooms, std::size_t members_of_a_room);

  /// Records that an event was sent. Returns its sequence number.
  std::uint32_t sent(std::uint32_t sender) { return sent_[sender]++; }

  /// Records that an event was received. Returns how many events of this sender the receiver now
  /// has, lost ones included, which shows the sender how far the receiver is.
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

  /// The totals of all errors, once nothing is in flight: what is missing now is lost.
  [[nodiscard]] faults close() const;

 private:
  [[nodiscard]] bool is_pair(std::uint32_t listener, std::uint32_t sender) const {
    return sender < sent_.size() && sender != listener && sender / members_ == listener / members_;
  }

  std::uint32_t heard_out_of_order(std::uint32_t listener, std::uint32_t sender,
                                   std::uint32_t sequence, std::uint32_t& next);

  std::uint32_t members_;
  std::vector<std::uint32_t> sent_;
  std::vector<std::uint32_t> next_;  ///< by receiver, and the sender's position in the room
  std::unordered_map<std::uint64_t, std::unordered_set<std::uint32_t>> missing_;
  faults faults_;
};

}  // namespace downbeat::bench
