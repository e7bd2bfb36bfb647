#pragma once

#include <unistd.h>

#include <utility>

namespace downbeat::host {

/// Owns a file, or a socket that no event loop watches, and closes it.
class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int number) : number_(number) {}
  file_descriptor(file_descriptor&& other) noexcept : number_(other.release()) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    file_descriptor(std::move(other)).swap(*this);
    return *this;
  }
  ~file_descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

  /// Gives up ownership without closing.
  int release() { return std::exchange(number_, -1); }
  void close() { *this = file_descriptor(); }

 private:
  void swap(file_descriptor& other) noexcept { std::swap(number_, other.number_); }

  int number_ = -1;
};

}  // namespace downbeat::host
