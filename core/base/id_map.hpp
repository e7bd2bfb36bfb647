#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace downbeat {

/// A hash map from 64-bit ids to values, with open addressing and linear probing. A lookup needs
/// one memory access instead of the three of std::unordered_map; each event does several lookups
/// for each recipient.
///
/// Iteration order is undefined and addresses of values change. The highest number marks free
/// entries, so it cannot be a key. Values must be default constructible and movable.
template <class Value>
class id_map {
 public:
  using key_type = std::uint64_t;
  using value_type = std::pair<key_type, Value>;

 private:
  static constexpr key_type vacant = std::numeric_limits<key_type>::max();

  template <class Entry>
  class basic_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = id_map::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = Entry*;
    using reference = Entry&;

    basic_iterator() = default;
    basic_iterator(Entry* at, Entry* end) : at_(at), end_(end) { skip(); }

    reference operator*() const { return *at_; }
    pointer operator->() const { return at_; }
    basic_iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    friend bool operator==(const basic_iterator& a, const basic_iterator& b) {
      return a.at_ == b.at_;
    }

   private:
    void skip() {
      while (at_ != end_ && at_->first == vacant) ++at_;
    }

    Entry* at_ = nullptr;
    Entry* end_ = nullptr;
  };

 public:
  using iterator = basic_iterator<value_type>;
  using const_iterator = basic_iterator<const value_type>;

  [[nodiscard]] iterator begin() { return at(0); }
  [[nodiscard]] iterator end() { return at(entries_.size()); }
  [[nodiscard]] const_iterator begin() const { return at(0); }
  [[nodiscard]] const_iterator end() const { return at(entries_.size()); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] iterator find(key_type key) { return at(position_of(key)); }
  [[nodiscard]] const_iterator find(key_type key) const { return at(position_of(key)); }

  /// The value of a key that must be present.
  [[nodiscard]] Value& at_key(key_type key) { return entries_[position_of(key)].second; }
  [[nodiscard]] const Value& at_key(key_type key) const {
    return entries_[position_of(key)].second;
  }

  /// Adds a value. Returns false if the key is present already or is the highest number.
  bool emplace(key_type key, Value value) {
    if (key == vacant) return false;
    if (position_of(key) != entries_.size()) return false;
    if ((size_ + 1) * 8 > entries_.size() * 5) grow();
    place(key, std::move(value));
    ++size_;
    return true;
  }

  /// Removes a value. Returns whether the key was present.
  bool erase(key_type key) {
    std::size_t hole = position_of(key);
    if (hole == entries_.size()) return false;
    // Move later entries of the same run into the gap: a search stops at the first free entry.
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t next = (hole + 1) & mask; entries_[next].first != vacant;
         next = (next + 1) & mask) {
      const std::size_t home = home_of(entries_[next].first);
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      entries_[hole] = std::move(entries_[next]);
      hole = next;
    }
    entries_[hole] = value_type{vacant, Value{}};
    --size_;
    return true;
  }

 private:
  static constexpr std::size_t smallest = 8;

  [[nodiscard]] iterator at(std::size_t position) {
    return {entries_.data() + position, entries_.data() + entries_.size()};
  }
  [[nodiscard]] const_iterator at(std::size_t position) const {
    return {entries_.data() + position, entries_.data() + entries_.size()};
  }

  [[nodiscard]] std::size_t home_of(key_type key) const {
    // Fibonacci hashing spreads consecutive numbers and numbers with equal low bits.
    const std::uint64_t spread = key * 0x9e37'79b9'7f4a'7c15u;
    return static_cast<std::size_t>(spread >> 32) & (entries_.size() - 1);
  }

  /// The position of a key, or the number of entries if it is absent.
  [[nodiscard]] std::size_t position_of(key_type key) const {
    if (entries_.empty()) return 0;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t i = home_of(key);; i = (i + 1) & mask) {
      // Test for a free entry first: the key that marks one must not be found.
      if (entries_[i].first == vacant) return entries_.size();
      if (entries_[i].first == key) return i;
    }
  }

  void place(key_type key, Value value) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t i = home_of(key);
    while (entries_[i].first != vacant) i = (i + 1) & mask;
    entries_[i] = value_type{key, std::move(value)};
  }

  void grow() {
    std::vector<value_type> before(entries_.empty() ? smallest : entries_.size() * 2);
    for (value_type& entry : before) entry.first = vacant;
    before.swap(entries_);
    for (value_type& entry : before) {
      if (entry.first != vacant) place(entry.first, std::move(entry.second));
    }
  }

  std::vector<value_type> entries_;  ///< its size is 0 or a power of two
  std::size_t size_ = 0;
};

}  // namespace downbeat
