#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace downbeat::test {

/// The text so many times.
inline std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (; times != 0; --times) all += text;
  return all;
}

}  // namespace downbeat::test
