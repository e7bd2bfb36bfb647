#pragma once

#include <cstdint>
#include <string_view>

namespace downbeat {

/// FNV-1a with 64 bits, to compare two runs. Not for secrets.
class fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 0x100000001b3u;
    }
  }

  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      value_ ^= (number >> shift) & 0xff;
      value_ *= 0x100000001b3u;
    }
  }

  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace downbeat
