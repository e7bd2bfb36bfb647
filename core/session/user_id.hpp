#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace downbeat::session {

/// A user's public id, which is the id of a socket (20 bytes). At most 23 bytes, stored in place: a
/// std::string of that length would allocate memory for each participant. Longer text gives an
/// empty id, which no user has.
class user_id {
 public:
  static constexpr std::size_t max_bytes = 23;

  user_id() = default;
  explicit user_id(std::string_view text) {
    if (text.size() > max_bytes) return;
    size_ = static_cast<std::uint8_t>(text.size());
    std::copy(text.begin(), text.end(), bytes_.begin());
  }
  /// A literal; the compiler checks its length.
  template <std::size_t size>
  user_id(const char (&literal)[size])  // NOLINT(google-explicit-constructor): as std::string does
      : user_id(std::string_view(literal, size - 1)) {
    static_assert(size - 1 <= max_bytes, "no user's id is as long as that");
  }

  // NOLINTNEXTLINE(google-explicit-constructor): as std::string does
  operator std::string_view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string(std::string_view(*this)); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The bytes behind the text are always zero, so comparing all of them is right.
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
