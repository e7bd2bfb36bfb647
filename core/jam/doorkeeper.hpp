#pragma once

#include "jam/options.hpp"
#include "jam/rate.hpp"
#include "time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace downbeat::jam {

/// How likely a guess is to find somebody: of so many possible codes so many are live.
struct guess_odds {
  std::int64_t live = 0;
  std::int64_t possible = 0;  ///< 0: there is no such code, and nobody is found
};

/// What a failed join counts for, in thousandths: the whole where one code in 50,000 is live or
/// more, and less the sparser the live codes are.
std::int64_t price_of(const guess_odds& odds);

/// Keeps count, by address and for all together, of those who come in and of those who guess.
///
/// An address may fail so often in an hour. Past so many failures of all clients in a day the
/// server is on its guard: from then on an address may fail twice, and then once a day. Somebody
/// who has not failed before is let in all the same, and new rooms have codes that are hard to
/// guess. docs/trust.md does the arithmetic.
class doorkeeper {
 public:
  /// The limits are looked up each time, and may change.
  explicit doorkeeper(const options& limits) : limits_(limits) {}

  /// Whether somebody from this address may create or join now; counts it if so.
  bool may_enter(instant_ms now, std::string_view address);

  /// Counts one who came in elsewhere.
  void count_entry(instant_ms now, std::string_view address);

  /// Whether somebody from this address has not failed too often, whatever the others did.
  [[nodiscard]] bool may_search(instant_ms now, std::string_view address) const;
  /// Whether they may try a code of this price, if the server is on its guard.
  [[nodiscard]] bool may_guess(instant_ms now, std::string_view address, std::int64_t price) const;

  void count_failure(instant_ms now, std::string_view address, std::int64_t price);

  [[nodiscard]] bool is_on_guard(instant_ms now) const;

  /// How many addresses are remembered.
  [[nodiscard]] std::size_t size() const { return records_.size(); }

 private:
  struct record {
    allowance joins;
    allowance failures;
    allowance guesses;  ///< what it may fail while the server is on its guard

    [[nodiscard]] bool is_forgiven(instant_ms now) const {
      return joins.is_forgiven(now) && failures.is_forgiven(now) && guesses.is_forgiven(now);
    }
  };

  [[nodiscard]] const record* find(std::string_view address) const;
  record& open(instant_ms now, std::string_view address);

  const options& limits_;
  std::unordered_map<std::string, record> records_;  ///< by address block
  std::size_t tidy_at_ = 1'024;  ///< when those who are forgiven are next forgotten
  instant_ms tidy_again_ = 0;    ///< if there is no place for more
  record others_;                ///< of all for whom there is no place
  allowance failures_in_all_;
};

}  // namespace downbeat::jam
