#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace downbeat {

/// One message of a transport. The bytes never change, and all recipients share them: a broadcast
/// is encoded once and costs one reference for each recipient.
class frame {
 public:
  static frame text(std::string bytes) { return {std::move(bytes), false}; }
  static frame binary(std::string bytes) { return {std::move(bytes), true}; }

  [[nodiscard]] const std::string& bytes() const { return *bytes_; }
  [[nodiscard]] bool is_binary() const { return is_binary_; }

  friend bool operator==(const frame& a, const frame& b) {
    return a.is_binary_ == b.is_binary_ && *a.bytes_ == *b.bytes_;
  }

 private:
  frame(std::string bytes, bool is_binary)
      : bytes_(std::make_shared<const std::string>(std::move(bytes))), is_binary_(is_binary) {}

  std::shared_ptr<const std::string> bytes_;
  bool is_binary_;
};

}  // namespace downbeat
