#pragma once

#include "base/time.hpp"

#include <optional>
#include <set>
#include <utility>

namespace downbeat {

/// A set of deadlines with their keys, in milliseconds. Equal times are sorted by key, so that
/// every platform handles them in the same order.
template <class Key>
class deadlines {
 public:
  /// Adds a deadline. Adding the same time and key twice has no further effect.
  void set(instant_ms at, const Key& key) { due_.emplace(at, key); }
  /// Removes a deadline, if it is there.
  void cancel(instant_ms at, const Key& key) { due_.erase({at, key}); }

  /// The earliest time, or nothing if there are no deadlines.
  [[nodiscard]] std::optional<instant_ms> next() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
  }

  /// Removes the earliest deadline that is due at `now` and returns its key. Call it until it
  /// returns nothing.
  std::optional<Key> take_due(instant_ms now) {
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    return std::move(due_.extract(due_.begin()).value().second);
  }

 private:
  std::set<std::pair<instant_ms, Key>> due_;
};

}  // namespace downbeat
