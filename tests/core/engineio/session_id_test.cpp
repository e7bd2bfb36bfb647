#include "base/entropy.hpp"
#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace downbeat::test;

namespace {

std::string sid_of(wire& line, const downbeat::entropy& fresh) {
  line.draw_next(fresh);
  return open_polling(line);
}

}  // namespace

TEST_CASE("a session id has 20 letters, digits, dashes and underscores") {
  wire line(make_echo());
  for (int i = 0; i != 200; ++i) {
    const std::string sid = open_polling(line);
    CHECK(sid.size() == 20);
    CHECK(
        sid.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  }
}

TEST_CASE("session ids are unique, even if a host's entropy is worth nothing") {
  wire line(make_echo());
  std::set<std::string> seen;
  for (int i = 0; i != 1'000; ++i) CHECK(seen.insert(sid_of(line, {})).second);
}

TEST_CASE("a session id is made of the first twelve bytes and no others") {
  downbeat::entropy a{};
  downbeat::entropy b{};
  for (std::size_t i = 12; i != b.size(); ++i) b[i] = 0xff;
  wire one(make_echo());
  wire other(make_echo());
  CHECK(sid_of(one, a) == sid_of(other, b));

  for (std::size_t i = 0; i != 12; ++i) {
    downbeat::entropy changed{};
    changed[i] = 1;
    wire first(make_echo());
    wire second(make_echo());
    CHECK(sid_of(first, a) != sid_of(second, changed));
  }
}

TEST_CASE("a refused peer's entropy is not used for another") {
  downbeat::entropy fresh{};
  fresh[0] = 0x80;
  wire line(make_echo());
  line.draw_next(fresh);
  line.get("EIO=3&transport=polling");
  CHECK(sid_of(line, {}) == "AAAAAAAAAAAAAAAAAAAB");
}
