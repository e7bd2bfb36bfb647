#pragma once

#include "time.hpp"

#include <optional>
#include <set>
#include <utility>

namespace downbeat {

/// What is due when, exact to the millisecond. Those due at the same time come in the order of
/// their keys, so that every platform sees the same order.
template <class Key>
class deadlines {
 public:
  /// A deadline is identified by its time and its key; setting it twice is setting it once.
  void set(instant_ms at, const Key& key) { due_.emplace(at, key); }
  void cancel(instant_ms at, const Key& key) { due_.erase({at, key}); }

  [[nodiscard]] std::optional<instant_ms> next() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
  }

  /// Takes out the earliest deadline that is due at `now`.
  std::optional<Key> take_due(instant_ms now) {
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    return std::move(due_.extract(due_.begin()).value().second);
  }

 private:
  std::set<std::pair<instant_ms, Key>> due_;
};

}  // namespace downbeat
