#pragma once

#include "measurement.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace downbeat {

/// How often each limit has turned something away. Their names are known beforehand, so that there
/// are never more of them than a program has.
class limit_counts {
 public:
  limit_counts(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) counts_.push_back({name, 0});
  }

  /// Counts one for a limit, which must be among the names.
  void count(std::string_view name) {
    const auto found = std::find_if(counts_.begin(), counts_.end(),
                                    [&](const entry& one) { return one.name == name; });
    assert(found != counts_.end());
    ++found->times;
  }

  /// Adds what another with the same names has counted.
  limit_counts& operator+=(const limit_counts& other) {
    assert(counts_.size() == other.counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].times += other.counts_[i].times;
    return *this;
  }

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
