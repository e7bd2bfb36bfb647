#include "jam/join_limiter.hpp"

#include "text/address_block.hpp"

#include <algorithm>

namespace downbeat::jam {
namespace {

constexpr std::int64_t full_weight = 1'000;
constexpr std::int64_t codes_of_a_whole_guess = 50'000;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

/// The limit of an address during lockdown: two failures at once, then one per day.
constexpr rate lockdown_rate{full_weight, day_ms, 2 * full_weight};

/// Further addresses share one record, so that memory is bounded during a flood.
constexpr std::size_t max_records = 100'000;

rate in_all(const options& limits) {
  const std::int64_t a_day = limits.max_failed_joins_per_day;
  return {a_day * full_weight, day_ms, a_day * full_weight / 2};
}

rate by_address(std::int64_t count, std::int64_t per_ms) {
  return {count, per_ms, count};
}

}  // namespace

std::int64_t weight_of(const guess_odds& odds) {
  if (odds.possible == 0) return 0;
  // A million rooms times fifty million codes does not overflow 64 bits.
  const std::int64_t weight = full_weight * codes_of_a_whole_guess * odds.live / odds.possible;
  return std::clamp<std::int64_t>(weight, 1, full_weight);
}

bool join_limiter::may_join(instant_ms now, std::string_view address) {
  if (limits_.max_joins_per_minute_by_address == 0) return true;
  return open(now, address)
      .joins.take(now, by_address(limits_.max_joins_per_minute_by_address, minute_ms));
}

void join_limiter::count_join(instant_ms now, std::string_view address) {
  if (limits_.max_joins_per_minute_by_address == 0) return;
  open(now, address)
      .joins.spend(now, by_address(limits_.max_joins_per_minute_by_address, minute_ms));
}

bool join_limiter::may_look_up(instant_ms now, std::string_view address) const {
  const record* const known = find(address);
  return known == nullptr ||
         known->failures.has_room(
             now, by_address(limits_.max_failed_joins_per_hour_by_address, hour_ms));
}

bool join_limiter::may_guess(instant_ms now, std::string_view address, std::int64_t weight) const {
  if (!is_locked_down(now)) return true;
  const record* const known = find(address);
  return known == nullptr || known->guesses.has_room(now, lockdown_rate, weight);
}

void join_limiter::count_failure(instant_ms now, std::string_view address, std::int64_t weight) {
  record& who = open(now, address);
  who.failures.spend(now, by_address(limits_.max_failed_joins_per_hour_by_address, hour_ms));
  if (limits_.max_failed_joins_per_day == 0) return;
  // Do not count beyond the lockdown limit: failures from before lockdown would block the address
  // for days.
  if (who.guesses.has_room(now, lockdown_rate, weight))
    who.guesses.spend(now, lockdown_rate, weight);
  failures_in_all_.spend(now, in_all(limits_), weight);
}

bool join_limiter::is_locked_down(instant_ms now) const {
  return !failures_in_all_.has_room(now, in_all(limits_), full_weight);
}

const join_limiter::record* join_limiter::find(std::string_view address) const {
  const auto found = records_.find(address_block(address));
  if (found != records_.end()) return &found->second;
  return records_.size() < max_records ? nullptr : &others_;
}

join_limiter::record& join_limiter::open(instant_ms now, std::string_view address) {
  std::string block = address_block(address);
  if (const auto found = records_.find(block); found != records_.end()) return found->second;
  if (records_.size() >= cleanup_size_ && (records_.size() < max_records || now >= next_cleanup_)) {
    for (auto at = records_.begin(); at != records_.end();) {
      at = at->second.is_idle(now) ? records_.erase(at) : ++at;
    }
    // Scanning all records is expensive: do it only when they have doubled or, if the table is
    // full, once a minute.
    cleanup_size_ = std::clamp<std::size_t>(records_.size() * 2, 1'024, max_records);
    next_cleanup_ = now + minute_ms;
  }
  if (records_.size() >= max_records) return others_;
  return records_[std::move(block)];
}

}  // namespace downbeat::jam
