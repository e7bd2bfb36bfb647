#pragma once

#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "jam/options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace downbeat::jam {

/// How likely a guessed code is to be live: `live` of `possible` codes.
struct guess_odds {
  std::int64_t live = 0;
  std::int64_t possible = 0;  ///< 0 if no code has this format
};

/// The weight of a failed join, in thousandths. Full weight if at least one of 50,000 codes is
/// live, less if fewer are.
std::int64_t weight_of(const guess_odds& odds);

/// Counts creates, joins and failed joins, by address and in all.
///
/// Failed joins of an address are limited per hour. If those of all clients exceed a limit per day,
/// lockdown begins: an address may fail twice at once and then once a day, and new rooms get codes
/// that are hard to guess. An address that has not failed before can still join. docs/trust.md has
/// the arithmetic.
class join_limiter {
 public:
  /// Keeps a reference to the limits, which may change.
  explicit join_limiter(const options& limits) : limits_(limits) {}

  /// Whether a client with this address may create or join a session now. Counts it if so.
  bool may_join(instant_ms now, std::string_view address);

  /// Counts a create or join that another shard allowed.
  void count_join(instant_ms now, std::string_view address);

  /// Whether this address is within its hourly limit of failed joins.
  [[nodiscard]] bool may_look_up(instant_ms now, std::string_view address) const;
  /// Whether this address may try a code of this weight. Always true without lockdown.
  [[nodiscard]] bool may_guess(instant_ms now, std::string_view address, std::int64_t weight) const;

  /// Counts a failed join of this weight, for the address and for all.
  void count_failure(instant_ms now, std::string_view address, std::int64_t weight);

  /// Whether lockdown is active.
  [[nodiscard]] bool is_locked_down(instant_ms now) const;

  /// The number of addresses with a record.
  [[nodiscard]] std::size_t size() const { return records_.size(); }

 private:
  struct record {
    rate_limiter joins;
    rate_limiter failures;
    rate_limiter guesses;  ///< failures that it may have during lockdown

    [[nodiscard]] bool is_idle(instant_ms now) const {
      return joins.is_idle(now) && failures.is_idle(now) && guesses.is_idle(now);
    }
  };

  [[nodiscard]] const record* find(std::string_view address) const;
  record& open(instant_ms now, std::string_view address);

  const options& limits_;
  std::unordered_map<std::string, record> records_;  ///< by address block
  std::size_t cleanup_size_ = 1'024;  ///< number of records at which idle ones are removed next
  instant_ms next_cleanup_ = 0;       ///< earliest time for that, once the table is full
  record others_;                     ///< shared by all addresses when the table is full
  rate_limiter failures_in_all_;
};

}  // namespace downbeat::jam
