#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::session {

/// Who somebody is to the others, the public id of the socket: text of at most 23 bytes, of which
/// that has 20. It needs no memory
/// of its own, as a std::string of that length would for each participant.
class user_id {
 public:
  static constexpr std::size_t max_bytes = 23;

  user_id() = default;
  user_id(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
    assert(text.size() <= max_bytes);
    std::copy(text.begin(), text.end(), bytes_.begin());
  }
  user_id(const std::string& text) : user_id(std::string_view(text)) {}
  user_id(const char* text) : user_id(std::string_view(text)) {}

  operator std::string_view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string(std::string_view(*this)); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The bytes behind the text are always zero.
  friend bool operator==(const user_id& a, const user_id& b) {
    return a.size_ == b.size_ && a.bytes_ == b.bytes_;
  }
  friend bool operator<(const user_id& a, const user_id& b) {
    return std::string_view(a) < std::string_view(b);
  }

 private:
  std::array<char, max_bytes> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace downbeat::session
