#include "base/small_vector.hpp"

#include "base/entropy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace downbeat {
namespace {

TEST_CASE("a few pointers are what a vector of them would be, whatever comes and goes", "[few]") {
  std::array<int, 12> things{};
  splitmix64 random(3);
  small_vector<int> some;
  std::vector<int*> model;
  for (int step = 0; step < 5'000; ++step) {
    // Now it grows, now it shrinks, so that one, none and many all come about.
    const bool grows = random.below(10) < (step / 100 % 2 == 0 ? 7u : 3u);
    if (grows && model.size() < things.size()) {
      int* const thing = &things[static_cast<std::size_t>(random.below(things.size()))];
      some.push_back(thing);
      model.push_back(thing);
    } else if (!model.empty()) {
      const auto at = static_cast<std::size_t>(random.below(model.size()));
      some.erase(some.begin() + at);
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (random.below(50) == 0) some = small_vector<int>(std::move(some));
    if (random.below(200) == 0) {
      some.clear();
      model.clear();
    }
    REQUIRE(std::equal(some.begin(), some.end(), model.begin(), model.end()));
    REQUIRE(some.empty() == model.empty());
    if (!model.empty()) REQUIRE(some.front() == model.front());
  }
}

TEST_CASE("what was moved from is empty", "[few]") {
  int thing = 0;
  small_vector<int> one;
  one.push_back(&thing);
  small_vector<int> other = std::move(one);
  CHECK(other.size() == 1);
  one = std::move(other);
  CHECK(one.front() == &thing);
  CHECK(other.empty());
}

}  // namespace
}  // namespace downbeat
