#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace downbeat::host {

/// Memory for the waits of one loop. Each connection has one under way nearly all the time, and
/// each message ends one and begins another, so blocks are kept for the next. Not thread-safe.
class handler_memory {
 public:
  handler_memory() = default;
  handler_memory(const handler_memory&) = delete;
  handler_memory& operator=(const handler_memory&) = delete;
  ~handler_memory() {
    for (void* const one : free_) ::operator delete(one);
  }

  void* allocate(std::size_t size) {
    if (size > block_bytes || free_.empty()) {
      return ::operator new(size > block_bytes ? size : block_bytes);
    }
    void* const block = free_.back();
    free_.pop_back();
    return block;
  }

  void deallocate(void* block, std::size_t size) {
    if (size > block_bytes || free_.size() == most_free) return ::operator delete(block);
    free_.push_back(block);
  }

 private:
  static constexpr std::size_t block_bytes = 120;
  // The blocks of a crowd that has gone must not stay for ever.
  static constexpr std::size_t most_free = 1024;

  std::vector<void*> free_;
};

/// What Asio needs to use it: the associated allocator of a handler.
template <class T>
class handler_allocator {
 public:
  using value_type = T;

  explicit handler_allocator(handler_memory& from) noexcept : from_(&from) {}
  template <class Other>
  explicit handler_allocator(const handler_allocator<Other>& other) noexcept
      : from_(other.from()) {}

  T* allocate(std::size_t count) { return static_cast<T*>(from_->allocate(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) { from_->deallocate(block, count * sizeof(T)); }

  [[nodiscard]] handler_memory* from() const noexcept { return from_; }

  template <class Other>
  bool operator==(const handler_allocator<Other>& other) const noexcept {
    return from_ == other.from();
  }

 private:
  handler_memory* from_;
};

}  // namespace downbeat::host
