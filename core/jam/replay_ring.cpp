#include "jam/replay_ring.hpp"

#include "text/hex.hpp"
#include "text/sha256.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace downbeat::jam {
namespace {

/// The memory around an event, so that very small ones count, too.
constexpr std::size_t bytes_around = 128;

std::size_t bytes_of(const replay_ring::relayed& one) {
  std::size_t bytes = one.text.bytes().size() + bytes_around;
  for (const frame& attachment : one.attachments) bytes += attachment.bytes().size() + bytes_around;
  return bytes;
}

std::string prefix_of(std::uint64_t drawn) {
  const sha256_digest hash = sha256("replay ring " + std::to_string(drawn));
  return hex::encode({reinterpret_cast<const char*>(hash.data()), 8}) + '-';
}

}  // namespace

replay_ring::replay_ring(std::uint64_t drawn) : prefix_(prefix_of(drawn)) {}

void replay_ring::add(instant_ms now, const session::participant_id& from, frame text,
                      std::vector<frame> attachments) {
  events_.push_back({++last_, now, from, std::move(text), std::move(attachments)});
  bytes_ += bytes_of(events_.back());
  while (bytes_ > max_bytes) forget_oldest();
}

void replay_ring::forget_oldest() {
  const relayed& oldest = events_.front();
  if (!(oldest.from == forgotten_from_)) forgotten_from_others_ = forgotten_;
  forgotten_ = oldest.position;
  forgotten_from_ = oldest.from;
  bytes_ -= bytes_of(oldest);
  events_.pop_front();
}

void replay_ring::forget_until(instant_ms at) {
  while (!events_.empty() && events_.front().at <= at) forget_oldest();
}

replay_ring::missed_events replay_ring::after(std::string_view offset,
                                              const session::participant_id& who,
                                              std::uint64_t entered_at) const {
  auto heard = position_of(offset);
  if (!heard) return {};
  heard = std::max(*heard, entered_at);
  missed_events missed;
  missed.is_complete = *heard >= (who == forgotten_from_ ? forgotten_from_others_ : forgotten_);
  for (const relayed& one : events_) {
    if (one.position > *heard && !(one.from == who)) missed.events.push_back(&one);
  }
  return missed;
}

std::optional<instant_ms> replay_ring::oldest() const {
  return events_.empty() ? std::nullopt : std::optional(events_.front().at);
}

std::string replay_ring::offset_of(std::uint64_t position) const {
  return prefix_ + std::to_string(position);
}

std::optional<std::uint64_t> replay_ring::position_of(std::string_view offset) const {
  if (offset.substr(0, prefix_.size()) != prefix_) return std::nullopt;
  const std::string_view digits = offset.substr(prefix_.size());
  const char* const last = digits.data() + digits.size();
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(digits.data(), last, position);
  if (error != std::errc() || end != last || position > last_) return std::nullopt;
  // One position has one text.
  return offset_of(position) == offset ? std::optional(position) : std::nullopt;
}

}  // namespace downbeat::jam
