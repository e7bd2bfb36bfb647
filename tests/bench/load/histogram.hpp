#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace downbeat::bench {

/// A histogram of durations with 32 buckets for each power of two: any percentile is right to
/// within 3 %, from nanoseconds to minutes, in a few kilobytes.
class histogram {
 public:
  void add(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(value < 0 ? 0 : value);
    ++buckets_[bucket_of(v)];
    ++count_;
    if (v > max_) max_ = v;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  /// The percentile for a share such as 0.99; 0 if the histogram is empty.
  [[nodiscard]] std::uint64_t percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::uint64_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) return middle_of(i);
    }
    return max_;
  }

 private:
  static constexpr std::uint64_t per_doubling = 32;

  // Below 32 there is a bucket for each value; above, the five bits after the leading one choose
  // it.
  static std::uint64_t bucket_of(std::uint64_t value) {
    if (value < per_doubling) return value;
    const auto shift = static_cast<std::uint64_t>(std::bit_width(value)) - 6;
    return (shift + 1) * per_doubling + ((value >> shift) - per_doubling);
  }

  static std::uint64_t middle_of(std::uint64_t bucket) {
    if (bucket < per_doubling) return bucket;
    const std::uint64_t shift = bucket / per_doubling - 1;
    const std::uint64_t low = (bucket % per_doubling + per_doubling) << shift;
    return low + (std::uint64_t{1} << shift) / 2;
  }

  std::array<std::uint64_t, per_doubling * 60> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace downbeat::bench
