#include "load/ledger.hpp"

namespace downbeat::bench {

ledger::ledger(std::size_t rooms, std::size_t members_of_a_room)
    : members_(static_cast<std::uint32_t>(members_of_a_room)),
      sent_(rooms * members_of_a_room),
      next_(rooms * members_of_a_room * members_of_a_room) {}

std::uint32_t ledger::heard_out_of_order(std::uint32_t listener, std::uint32_t sender,
                                         std::uint32_t sequence, std::uint32_t& next) {
  auto& missing = missing_[(std::uint64_t{listener} << 32) | sender];
  if (sequence > next) {
    const std::uint32_t passed = sequence + 1 - next;
    for (; next < sequence; ++next) missing.insert(next);
    ++next;
    return passed;
  }
  if (missing.erase(sequence) > 0) {
    ++faults_.reordered;
  } else {
    ++faults_.doubled;
  }
  return 0;
}

faults ledger::close() const {
  faults all = faults_;
  for (const auto& [pair, missing] : missing_) all.lost += missing.size();
  for (std::uint32_t listener = 0; listener < sent_.size(); ++listener) {
    const std::uint32_t first = listener / members_ * members_;
    for (std::uint32_t sender = first; sender < first + members_; ++sender) {
      if (sender == listener) continue;
      all.lost += sent_[sender] - next_[listener * members_ + sender % members_];
    }
  }
  return all;
}

}  // namespace downbeat::bench
