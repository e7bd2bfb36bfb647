#include "base/id_map.hpp"

#include "base/entropy.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace downbeat {
namespace {

std::map<std::uint64_t, int> contents_of(const id_map<int>& map) {
  std::map<std::uint64_t, int> all;
  for (const auto& [key, value] : map) all.emplace(key, value);
  return all;
}

TEST_CASE("a number finds its value, until that is erased", "[id_map]") {
  id_map<std::unique_ptr<int>> map;
  CHECK(map.empty());
  CHECK(map.find(0) == map.end());
  CHECK(map.emplace(0, std::make_unique<int>(10)));
  CHECK(map.emplace(7, std::make_unique<int>(17)));
  CHECK_FALSE(map.emplace(7, std::make_unique<int>(99)));
  REQUIRE(map.find(7) != map.end());
  CHECK(*map.find(7)->second == 17);
  CHECK(*map.at_key(0) == 10);
  CHECK(map.size() == 2);
  CHECK(map.erase(7));
  CHECK_FALSE(map.erase(7));
  CHECK(map.find(7) == map.end());
  CHECK(map.size() == 1);
}

TEST_CASE("it holds what a map holds, whatever comes and goes", "[id_map]") {
  // Numbers of the kinds that name things: in a row, far apart, and alike in their low bits.
  for (const std::uint64_t stride : {std::uint64_t{1}, std::uint64_t{1} << 24, std::uint64_t{48}}) {
    splitmix64 random(stride);
    id_map<int> map;
    std::map<std::uint64_t, int> model;
    for (int step = 0; step < 20'000; ++step) {
      const std::uint64_t key = random.below(300) * stride;
      if (random.below(2) == 0) {
        CHECK(map.emplace(key, step) == model.emplace(key, step).second);
      } else {
        CHECK(map.erase(key) == (model.erase(key) == 1));
      }
      const auto found = map.find(key);
      const auto expected = model.find(key);
      REQUIRE((found == map.end()) == (expected == model.end()));
      if (expected != model.end()) CHECK(found->second == expected->second);
    }
    CHECK(contents_of(map) == model);
    CHECK(map.size() == model.size());
  }
}

TEST_CASE("the highest number names nothing, whatever there is", "[id_map]") {
  constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();
  id_map<int> map;
  for (std::uint64_t number = 0; number < 10; ++number) {
    CHECK_FALSE(map.emplace(highest, 1));
    CHECK(map.find(highest) == map.end());
    CHECK_FALSE(map.erase(highest));
    CHECK(map.size() == number);
    CHECK(map.emplace(number, 1));
  }
  CHECK(contents_of(map).size() == 10);
}

}  // namespace
}  // namespace downbeat
