// The machine of a connection alone: each row of the table of transitions, and that there are no
// others.

#include "engineio/connection_state.hpp"

#include "engineio/connection.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace downbeat::engineio {
namespace {

using s = connection_state;

constexpr std::array<s, connection_state_count> all_states{
    s::polling, s::probing, s::probed, s::websocket, s::closing, s::lingering, s::forgotten};

/// A machine that has come into a state as a connection does.
connection_machine machine_in(s wanted) {
  connection_machine m;
  switch (wanted) {
    case s::polling: break;
    case s::probing: REQUIRE(m.begin_upgrade(7, 10'000)); break;
    case s::probed:
      m = machine_in(s::probing);
      REQUIRE(m.answer_probe(100));
      break;
    case s::websocket:
      m = machine_in(s::probed);
      REQUIRE(m.finish_upgrade());
      break;
    case s::closing: REQUIRE(m.close(close_reason::forced_close)); break;
    case s::lingering:
      m = machine_in(s::closing);
      REQUIRE(m.linger(30'000));
      break;
    case s::forgotten:
      m = machine_in(s::lingering);
      REQUIRE(m.forget());
      break;
  }
  REQUIRE(m.state() == wanted);
  return m;
}

/// One transition, where it leads, and from where it may be taken.
struct row {
  const char* name;
  std::function<bool(connection_machine&)> take;
  s to;
  std::vector<s> from;
};

const std::vector<row> rows = {
    {"begin_upgrade", [](auto& m) { return m.begin_upgrade(8, 1); }, s::probing, {s::polling}},
    {"answer_probe", [](auto& m) { return m.answer_probe(2); }, s::probed, {s::probing}},
    {"finish_upgrade", [](auto& m) { return m.finish_upgrade(); }, s::websocket, {s::probed}},
    {"abandon_upgrade",
     [](auto& m) { return m.abandon_upgrade(); },
     s::polling,
     {s::probing, s::probed}},
    {"close",
     [](auto& m) { return m.close(close_reason::parse_error); },
     s::closing,
     {s::polling, s::websocket}},
    {"linger", [](auto& m) { return m.linger(3); }, s::lingering, {s::closing}},
    {"forget", [](auto& m) { return m.forget(); }, s::forgotten, {s::closing, s::lingering}},
};

}  // namespace

TEST_CASE("each transition of a connection is taken where the table has it, and refused elsewhere",
          "[connection]") {
  for (const row& one : rows) {
    for (const s from : all_states) {
      INFO(one.name << " in " << name_of(from));
      connection_machine m = machine_in(from);
      const auto websocket = m.websocket();
      const auto upgrade = m.upgrade_transport();
      const auto until = m.upgrade_deadline();
      const auto reason = m.reason();
      const bool is_listed = std::count(one.from.begin(), one.from.end(), from) != 0;
      CHECK(is_allowed(from, one.to) == is_listed);
      CHECK(one.take(m) == is_listed);
      CHECK(m.state() == (is_listed ? one.to : from));
      if (is_listed) continue;
      CHECK(m.websocket() == websocket);
      CHECK(m.upgrade_transport() == upgrade);
      CHECK(m.upgrade_deadline() == until);
      CHECK(m.reason() == reason);
    }
  }
}

TEST_CASE("the table has no transition that no function takes", "[connection]") {
  for (const s from : all_states) {
    for (const s to : all_states) {
      const bool is_taken = std::any_of(rows.begin(), rows.end(), [&](const row& one) {
        return one.to == to && std::count(one.from.begin(), one.from.end(), from) != 0;
      });
      INFO(name_of(from) << " -> " << name_of(to));
      CHECK(is_allowed(from, to) == is_taken);
    }
  }
}

TEST_CASE("a connection keeps what the next state needs to know", "[connection]") {
  connection_machine m;
  CHECK(m.is_open());
  CHECK_FALSE(m.websocket());

  REQUIRE(m.begin_upgrade(7, 10'000));
  CHECK(m.is_upgrading());
  CHECK(m.upgrade_transport() == 7);
  REQUIRE(m.answer_probe(100));
  CHECK(m.upgrade_transport() == 7);
  CHECK(m.upgrade_deadline() == 10'000);
  CHECK(m.get<state::probed>()->flush_at == 100);
  CHECK_FALSE(m.websocket());

  REQUIRE(m.finish_upgrade());
  CHECK(m.is_open());
  CHECK_FALSE(m.is_upgrading());
  CHECK(m.websocket() == 7);

  REQUIRE(m.close(close_reason::ping_timeout));
  CHECK_FALSE(m.is_open());
  CHECK(m.websocket() == 7);
  CHECK(m.reason() == close_reason::ping_timeout);
  REQUIRE(m.linger(30'000));
  CHECK(m.reason() == close_reason::ping_timeout);
  CHECK(m.get<state::lingering>()->until == 30'000);
}

TEST_CASE("a connection that moves is in the same state, with the new numbers of its WebSockets",
          "[connection]") {
  connection_machine polling;
  polling.renumber(std::nullopt, std::nullopt);
  CHECK(polling.state() == s::polling);

  connection_machine probed = machine_in(s::probed);
  probed.renumber(std::nullopt, 21);
  CHECK(probed.state() == s::probed);
  CHECK(probed.upgrade_transport() == 21);

  connection_machine websocket = machine_in(s::websocket);
  websocket.renumber(22, std::nullopt);
  CHECK(websocket.state() == s::websocket);
  CHECK(websocket.websocket() == 22);
}

TEST_CASE("a connection is not larger than it was with a member for each state", "[connection]") {
  CHECK(sizeof(connection_machine) <= 48);
  CHECK(sizeof(connection) <= 184);
}

}  // namespace downbeat::engineio
