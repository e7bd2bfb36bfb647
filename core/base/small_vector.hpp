#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace downbeat {

/// A vector of pointers that needs no allocation for a single one, which is the usual case.
template <class T>
class small_vector {
 public:
  small_vector() = default;
  small_vector(small_vector&& other) noexcept
      : size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 1)),
        held_(other.held_) {}
  small_vector& operator=(small_vector&& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~small_vector() {
    if (capacity_ > 1) delete[] held_.many;
  }

  using iterator = T**;
  using const_iterator = T* const*;

  [[nodiscard]] iterator begin() { return capacity_ > 1 ? held_.many : &held_.one; }
  [[nodiscard]] iterator end() { return begin() + size_; }
  [[nodiscard]] const_iterator begin() const { return capacity_ > 1 ? held_.many : &held_.one; }
  [[nodiscard]] const_iterator end() const { return begin() + size_; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* front() const { return *begin(); }

  void push_back(T* item) {
    if (size_ == capacity_) grow();
    begin()[size_++] = item;
  }
  void erase(iterator at) {
    std::move(at + 1, end(), at);
    --size_;
  }
  void clear() { size_ = 0; }

 private:
  void grow() {
    const std::uint32_t capacity = capacity_ * 4;
    T** const more = new T*[capacity];
    std::copy(begin(), end(), more);
    if (capacity_ > 1) delete[] held_.many;
    held_.many = more;
    capacity_ = capacity;
  }

  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 1;
  union {
    T* one;
    T** many;
  } held_ = {nullptr};
};

}  // namespace downbeat
