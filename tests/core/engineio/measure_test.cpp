#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <utility>

using namespace downbeat::test;

TEST_CASE("connections are counted by the transport that carries them") {
  wire line(make_echo());
  const auto counts = [&line] {
    return std::pair{line.measure("connections_polling"), line.measure("connections_websocket")};
  };
  using both = std::pair<std::uint64_t, std::uint64_t>;
  CHECK(counts() == both{0, 0});
  const std::string sid = open_polling(line);
  CHECK(counts() == both{1, 0});
  const auto peer = open_websocket(line);
  CHECK(counts() == both{1, 1});
  const auto probing = line.open_websocket(websocket(sid));
  line.receive(probing, "2probe");
  CHECK(counts() == both{1, 1});
  line.receive(probing, "5");
  CHECK(counts() == both{0, 2});
  line.lose(peer);
  CHECK(counts() == both{0, 1});
  line.receive(probing, "4close");
  CHECK(counts() == both{0, 0});
}

TEST_CASE("handshakes, upgrades and refusals are counted for good") {
  wire line(make_echo());
  upgrade(line, open_polling(line));
  line.lose(open_websocket(line));
  line.get("EIO=4&transport=pigeon");
  line.open_websocket("EIO=4&transport=websocket&sid=unknown");
  CHECK(line.measure("handshakes_total") == 2);
  CHECK(line.measure("upgrades_total") == 1);
  CHECK(line.measure("requests_refused_total") == 2);
}

TEST_CASE("every measurement has a name of its own and an explanation") {
  wire line(make_echo());
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const auto& m : line.core().measure(line.now())) {
    CAPTURE(m.name);
    CHECK(names.insert({m.name, m.limit}).second);
    CHECK_FALSE(m.help.empty());
    CHECK(m.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
          std::string_view::npos);
    const bool ends_in_total = m.name.size() > 6 && m.name.substr(m.name.size() - 6) == "_total";
    CHECK(m.is_counter == ends_in_total);
  }
}
