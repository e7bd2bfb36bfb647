#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What all fuzz targets have in common. Each defines `LLVMFuzzerTestOneInput`, which libFuzzer
/// calls with one input after the other; a sanitizer's complaint or a broken `must` is a finding.
namespace downbeat::fuzz {

/// The input as text. Views into it end where it ends, so that reading on is noticed.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program where something does not hold that has to hold for every input.
inline void must(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "Does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace downbeat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
