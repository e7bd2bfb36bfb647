#include "base/deadlines.hpp"

#include "base/entropy.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

using downbeat::deadlines;
using downbeat::instant_ms;

TEST_CASE("without a deadline nothing is next and nothing is due") {
  deadlines<int> all;
  CHECK_FALSE(all.next());
  CHECK_FALSE(all.take_due(std::numeric_limits<instant_ms>::max()));
}

TEST_CASE("a deadline is due at its time and not a millisecond before") {
  deadlines<int> all;
  all.set(100, 1);
  CHECK(all.next() == 100);
  CHECK_FALSE(all.take_due(99));
  CHECK(all.take_due(100) == 1);
  CHECK_FALSE(all.take_due(100));
  CHECK_FALSE(all.next());
}

TEST_CASE("those that are due come by their time, and at the same time by their key") {
  deadlines<std::string> all;
  all.set(20, "b");
  all.set(10, "z");
  all.set(20, "a");
  all.set(-5, "c");
  std::vector<std::string> taken;
  while (auto due = all.take_due(20)) taken.push_back(*due);
  CHECK(taken == std::vector<std::string>{"c", "z", "a", "b"});
}

TEST_CASE("a deadline that is set twice is due once") {
  deadlines<int> all;
  all.set(10, 1);
  all.set(10, 1);
  CHECK(all.take_due(10) == 1);
  CHECK_FALSE(all.take_due(10));
}

TEST_CASE("one key may have several deadlines, and each is cancelled alone") {
  deadlines<int> all;
  all.set(10, 1);
  all.set(20, 1);
  all.cancel(10, 1);
  CHECK(all.next() == 20);
  all.cancel(20, 2);
  all.cancel(21, 1);
  CHECK(all.next() == 20);
  all.cancel(20, 1);
  CHECK_FALSE(all.next());
}

TEST_CASE("what is set while others are taken has its turn too") {
  deadlines<int> all;
  all.set(10, 1);
  CHECK(all.take_due(15) == 1);
  all.set(12, 2);
  CHECK(all.take_due(15) == 2);
  all.set(16, 3);
  CHECK_FALSE(all.take_due(15));
}

TEST_CASE("deadlines agree with a plain sorted list, whatever is set, cancelled and taken") {
  downbeat::splitmix64 random(5);
  deadlines<std::uint64_t> all;
  std::map<std::pair<instant_ms, std::uint64_t>, bool> model;
  instant_ms now = 0;
  for (int i = 0; i != 20'000; ++i) {
    const auto at = now + static_cast<instant_ms>(random.below(50));
    const auto key = random.below(5);
    switch (random.below(3)) {
      case 0:
        all.set(at, key);
        model[{at, key}] = true;
        break;
      case 1:
        all.cancel(at, key);
        model.erase({at, key});
        break;
      default:
        now += static_cast<instant_ms>(random.below(10));
        while (const auto due = all.take_due(now)) {
          REQUIRE_FALSE(model.empty());
          REQUIRE(model.begin()->first.first <= now);
          REQUIRE(model.begin()->first.second == *due);
          model.erase(model.begin());
        }
    }
    REQUIRE(all.next() ==
            (model.empty() ? std::nullopt : std::optional(model.begin()->first.first)));
  }
}
