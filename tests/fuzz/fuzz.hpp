#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Shared by all fuzz targets. Each defines `LLVMFuzzerTestOneInput`, which libFuzzer calls with
/// one input after the other. A sanitizer's report or a failed `must` is a finding.
namespace downbeat::fuzz {

/// The input as text. The memory ends where the text ends, so that a sanitizer notices reads past
/// it.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program if something does not hold that must hold for every input.
inline void must(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "Does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace downbeat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
