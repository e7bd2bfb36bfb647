#pragma once

#include <unistd.h>

#include <utility>

namespace downbeat::host {

/// A file descriptor that is closed when nobody owns it any more.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    descriptor(std::move(other)).swap(*this);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

  /// Gives it away without closing it.
  int release() { return std::exchange(number_, -1); }
  void close() { *this = descriptor(); }

 private:
  void swap(descriptor& other) noexcept { std::swap(number_, other.number_); }

  int number_ = -1;
};

}  // namespace downbeat::host
