#include "base/heap_sort.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace downbeat {
namespace {

TEST_CASE("a heap sort agrees with the library's sort", "[base]") {
  std::uint32_t state = 1;
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<std::uint32_t> numbers(size);
    for (std::uint32_t& number : numbers) number = state = state * 1'664'525u + 1'013'904'223u;
    std::vector<std::uint32_t> expected = numbers;
    std::sort(expected.begin(), expected.end());
    heap_sort(numbers);
    CHECK(numbers == expected);
    std::reverse(expected.begin(), expected.end());
    heap_sort(numbers, [](std::uint32_t a, std::uint32_t b) { return a > b; });
    CHECK(numbers == expected);
  }
}

}  // namespace
}  // namespace downbeat
