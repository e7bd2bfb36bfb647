#include "base/entropy.hpp"

#include "jam/make_engine.hpp"
#include "jam/options.hpp"
#include "support/wire.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>

using namespace downbeat::test;
using downbeat::splitmix64;

namespace {

struct ids {
  std::string secret;
  std::string known_to_all;
};

/// What a client is called whose host drew `fresh`.
ids ids_from(const downbeat::entropy& fresh) {
  wire line(downbeat::jam::make_engine({}));
  line.draw_next(fresh);
  const auto peer = line.open_websocket();
  const std::string secret = member_of(line.last_sent(peer), "sid");
  line.receive(peer, "40");
  const std::string known = member_of(line.last_sent(peer), "sid");
  REQUIRE(secret.size() == 20);
  REQUIRE(known.size() == 20);
  return {secret, known};
}

}  // namespace

TEST_CASE("no byte of a host's entropy is in both the private and the public id") {
  const ids plain = ids_from({});
  downbeat::entropy fresh{};
  for (std::size_t i = 0; i != fresh.size(); ++i) {
    CAPTURE(i);
    fresh = {};
    fresh[i] = 0xa5;
    const ids changed = ids_from(fresh);
    CHECK((changed.secret != plain.secret) == (i < 12));
    CHECK((changed.known_to_all != plain.known_to_all) == (i >= 12 && i < 24));
  }
}

TEST_CASE("a room code is drawn from the seed's bytes alone") {
  const auto code_from = [](const downbeat::entropy& fresh) {
    wire line(downbeat::jam::make_engine({}));
    line.draw_next(fresh);
    const auto peer = line.open_websocket();
    line.receive(peer, "40");
    line.receive(peer, R"(42["session:create",{"name":"Ada"}])");
    return member_of(line.last_sent(peer), "roomCode");
  };
  const std::string plain = code_from({});
  REQUIRE(!plain.empty());
  for (std::size_t i = 0; i != std::tuple_size_v<downbeat::entropy>; ++i) {
    CAPTURE(i);
    downbeat::entropy fresh{};
    fresh[i] = 0xa5;
    CHECK((code_from(fresh) != plain) == (i >= 24 && i < 32));
  }
}

TEST_CASE("the parts of a host's entropy do not overlap") {
  downbeat::entropy fresh{};
  for (std::size_t i = 0; i != fresh.size(); ++i) fresh[i] = static_cast<std::uint8_t>(i);
  std::set<std::uint8_t> used;
  const auto use = [&](const auto& part) {
    for (const std::uint8_t byte : part) CHECK(used.insert(byte).second);
  };
  use(downbeat::entropy_part::engineio_sid::of(fresh));
  use(downbeat::entropy_part::socketio_ids::of(fresh));
  use(downbeat::entropy_part::seed::of(fresh));
  use(downbeat::entropy_part::pids::of(fresh));
  CHECK(used.size() == fresh.size());
}

TEST_CASE("the private and the public id differ") {
  wire line(downbeat::jam::make_engine({}));
  std::set<std::string> seen;
  for (int i = 0; i != 100; ++i) {
    const auto peer = line.open_websocket();
    CHECK(seen.insert(member_of(line.last_sent(peer), "sid")).second);
    line.receive(peer, "40");
    CHECK(seen.insert(member_of(line.last_sent(peer), "sid")).second);
  }
}

TEST_CASE("splitmix64 draws what its authors published") {
  // The first numbers of https://prng.di.unimi.it/splitmix64.c from the seed 1234567.
  splitmix64 random(1234567);
  CHECK(random.next() == 6457827717110365317u);
  CHECK(random.next() == 3203168211198807973u);
  CHECK(random.next() == 9817491932198370423u);
  CHECK(random.next() == 4593380528125082431u);
  CHECK(random.next() == 16408922859458223821u);
}

TEST_CASE("splitmix64 repeats itself from the same seed") {
  splitmix64 a(7);
  splitmix64 b(7);
  for (int i = 0; i != 100; ++i) CHECK(a.next() == b.next());
}

TEST_CASE("a draw below a bound stays below it") {
  splitmix64 random(1);
  for (const std::uint64_t bound :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{30},
        std::uint64_t{1} << 63, (std::uint64_t{1} << 63) + 1, ~std::uint64_t{0}}) {
    CAPTURE(bound);
    for (int i = 0; i != 1'000; ++i) REQUIRE(random.below(bound) < bound);
  }
  CHECK(random.below(1) == 0);
}

TEST_CASE("draws below a bound are as likely as each other") {
  splitmix64 random(2);
  std::array<int, 6> dice{};
  for (int i = 0; i != 60'000; ++i) ++dice.at(static_cast<std::size_t>(random.below(6)));
  // Four standard deviations of 10,000 expected throws of one number are 365.
  for (const int throws : dice) CHECK(std::abs(throws - 10'000) < 365);
}

TEST_CASE("a bound that does not divide the range favours no small number") {
  // With a plain remainder, two thirds of the draws would fall into the first half.
  const std::uint64_t bound = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  splitmix64 random(3);
  int in_first_third = 0;
  for (int i = 0; i != 30'000; ++i) in_first_third += random.below(bound) < bound / 3 ? 1 : 0;
  CHECK(std::abs(in_first_third - 10'000) < 330);
}
