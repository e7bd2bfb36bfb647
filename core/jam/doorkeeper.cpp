#include "jam/doorkeeper.hpp"

#include "text/address_block.hpp"

#include <algorithm>

namespace downbeat::jam {
namespace {

constexpr std::int64_t whole_guess = 1'000;
constexpr std::int64_t codes_of_a_whole_guess = 50'000;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

/// What an address may fail while the server is on its guard: once a day, and twice at once.
constexpr rate guarded{whole_guess, day_ms, 2 * whole_guess};

/// A flood from more addresses than this shares one record, so that memory has its bound.
constexpr std::size_t max_records = 100'000;

rate in_all(const options& limits) {
  const std::int64_t a_day = limits.max_failed_joins_per_day;
  return {a_day * whole_guess, day_ms, a_day * whole_guess / 2};
}

rate by_address(std::int64_t count, std::int64_t per_ms) {
  return {count, per_ms, count};
}

}  // namespace

std::int64_t price_of(const guess_odds& odds) {
  if (odds.possible == 0) return 0;
  // A million rooms and fifty million codes for each are far from the end of 64 bits.
  const std::int64_t price = whole_guess * codes_of_a_whole_guess * odds.live / odds.possible;
  return std::clamp<std::int64_t>(price, 1, whole_guess);
}

bool doorkeeper::may_enter(instant_ms now, std::string_view address) {
  if (limits_.max_joins_per_minute_by_address == 0) return true;
  return open(now, address)
      .joins.take(now, by_address(limits_.max_joins_per_minute_by_address, minute_ms));
}

void doorkeeper::count_entry(instant_ms now, std::string_view address) {
  if (limits_.max_joins_per_minute_by_address == 0) return;
  open(now, address)
      .joins.spend(now, by_address(limits_.max_joins_per_minute_by_address, minute_ms));
}

bool doorkeeper::may_search(instant_ms now, std::string_view address) const {
  const record* const known = find(address);
  return known == nullptr ||
         known->failures.has_room(
             now, by_address(limits_.max_failed_joins_per_hour_by_address, hour_ms));
}

bool doorkeeper::may_guess(instant_ms now, std::string_view address, std::int64_t price) const {
  if (!is_on_guard(now)) return true;
  const record* const known = find(address);
  return known == nullptr || known->guesses.has_room(now, guarded, price);
}

void doorkeeper::count_failure(instant_ms now, std::string_view address, std::int64_t price) {
  record& who = open(now, address);
  who.failures.spend(now, by_address(limits_.max_failed_joins_per_hour_by_address, hour_ms));
  if (limits_.max_failed_joins_per_day == 0) return;
  // What was failed in peace would keep an address out for longer than it has guesses.
  if (who.guesses.has_room(now, guarded, price)) who.guesses.spend(now, guarded, price);
  failures_in_all_.spend(now, in_all(limits_), price);
}

bool doorkeeper::is_on_guard(instant_ms now) const {
  return !failures_in_all_.has_room(now, in_all(limits_), whole_guess);
}

const doorkeeper::record* doorkeeper::find(std::string_view address) const {
  const auto found = records_.find(address_block(address));
  if (found != records_.end()) return &found->second;
  return records_.size() < max_records ? nullptr : &others_;
}

doorkeeper::record& doorkeeper::open(instant_ms now, std::string_view address) {
  std::string block = address_block(address);
  if (const auto found = records_.find(block); found != records_.end()) return found->second;
  if (records_.size() >= tidy_at_ && (records_.size() < max_records || now >= tidy_again_)) {
    for (auto at = records_.begin(); at != records_.end();) {
      at = at->second.is_forgiven(now) ? records_.erase(at) : ++at;
    }
    // To look at all of them costs something, and so is done only when they have doubled, or
    // once in a while when there cannot be more.
    tidy_at_ = std::clamp<std::size_t>(records_.size() * 2, 1'024, max_records);
    tidy_again_ = now + minute_ms;
  }
  if (records_.size() >= max_records) return others_;
  return records_[std::move(block)];
}

}  // namespace downbeat::jam
