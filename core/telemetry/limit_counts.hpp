#pragma once

#include "telemetry/measurement.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace downbeat {

/// Counts how often each limit was exceeded. The names are fixed when it is made, so clients cannot
/// add any.
class limit_counts {
 public:
  limit_counts(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) counts_.push_back({name, 0});
  }

  /// Counts once for a limit. The name must be one of those given to the constructor.
  void count(std::string_view name) {
    const auto found = std::find_if(counts_.begin(), counts_.end(),
                                    [&](const entry& one) { return one.name == name; });
    assert(found != counts_.end());
    ++found->times;
  }

  /// Adds the counts of an object with the same names.
  limit_counts& operator+=(const limit_counts& other) {
    assert(counts_.size() == other.counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].times += other.counts_[i].times;
    return *this;
  }

  /// Appends one `limited_total` measurement for each limit.
  void measure(std::vector<measurement>& into) const {
    for (const entry& one : counts_) {
      into.push_back({"limited_total", "What was turned away, by the limit that it passed",
                      one.times, true, one.name});
    }
  }

 private:
  struct entry {
    std::string_view name;
    std::uint64_t times;
  };

  std::vector<entry> counts_;
};

}  // namespace downbeat
