#pragma once

#include "time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace downbeat::host {

/// Tells which addresses connect more often than anybody needs to.
class doorman {
 public:
  /// So many connections of one address in a second; 0 admits everybody.
  void limit(std::int64_t per_second) { per_second_ = per_second; }

  /// Counts one connection, unless it is one too many.
  bool admits(instant_ms now, const std::string& address);

 private:
  void forget_the_forgiven(std::int64_t now_us);

  std::int64_t per_second_ = 0;
  /// When everything will be forgiven, in microseconds.
  std::unordered_map<std::string, std::int64_t> forgiven_at_us_;
  std::size_t most_remembered_ = 10'000;  ///< before those that are forgiven are forgotten
};

}  // namespace downbeat::host
