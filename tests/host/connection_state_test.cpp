// The transitions between the states of a connection.
#include "connection/connection.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace downbeat::host;
using state = connection_state;

namespace {

constexpr std::array<state, connection_state_count> all_states{
    state::idle,      state::reading_head, state::reading_body, state::waiting,
    state::answering, state::websocket,    state::closing,      state::flushing,
    state::draining,  state::migrating,    state::closed};

connection fresh() {
  return {1, byte_stream(file_descriptor())};
}

/// A connection whose request is being read.
connection being_read() {
  connection c = fresh();
  c.http()->become(http_exchange::reading_head{nullptr});
  c.http()->become(http_exchange::reading_body{nullptr});
  return c;
}

}  // namespace

TEST_CASE("these states of a connection follow each other, and no others", "[connection]") {
  const std::vector<std::pair<state, state>> allowed{
      {state::idle, state::reading_head},         {state::idle, state::flushing},
      {state::reading_head, state::reading_body}, {state::reading_head, state::flushing},
      {state::reading_body, state::waiting},      {state::reading_body, state::answering},
      {state::reading_body, state::idle},         {state::reading_body, state::websocket},
      {state::reading_body, state::migrating},    {state::reading_body, state::flushing},
      {state::waiting, state::answering},         {state::waiting, state::migrating},
      {state::waiting, state::flushing},          {state::answering, state::idle},
      {state::answering, state::flushing},        {state::websocket, state::closing},
      {state::websocket, state::migrating},       {state::websocket, state::flushing},
      {state::closing, state::flushing},          {state::flushing, state::draining},
      {state::migrating, state::reading_body},    {state::migrating, state::waiting},
      {state::migrating, state::websocket}};
  for (const state from : all_states) {
    for (const state to : all_states) {
      const bool is_listed =
          std::find(allowed.begin(), allowed.end(), std::pair{from, to}) != allowed.end();
      const bool is_end = to == state::closed && from != state::closed;
      INFO(name_of(from) << " -> " << name_of(to));
      CHECK(is_allowed(from, to) == (is_listed || is_end));
    }
  }
}

TEST_CASE("a connection is in the state that it became", "[connection]") {
  connection c = fresh();
  CHECK(c.state() == state::idle);
  c.http()->become(http_exchange::reading_head{nullptr});
  CHECK(c.state() == state::reading_head);
  c.http()->become(http_exchange::reading_body{nullptr});
  CHECK(c.state() == state::reading_body);
  c.http()->become(http_exchange::waiting{7});
  CHECK(c.state() == state::waiting);
  CHECK(c.http()->request() == 7u);
  c.http()->become(http_exchange::answering{});
  CHECK(c.state() == state::answering);
  CHECK_FALSE(c.http()->request());
  c.become(flushing_state{ending::half_close, true});
  CHECK(c.state() == state::flushing);
  CHECK(c.http() == nullptr);
  c.become(draining_state{});
  CHECK(c.state() == state::draining);
  c.become(closed_state{});
  CHECK(c.state() == state::closed);
  CHECK_FALSE(c.wants_reading());
}

TEST_CASE("a WebSocket keeps its frames while it closes, and loses them then", "[connection]") {
  connection c = being_read();
  c.http()->in = "behind the request";
  CHECK(c.become_websocket()->in == "behind the request");
  CHECK(c.state() == state::websocket);
  CHECK(c.is_transport());
  auto& input = c.get_if<websocket_state>()->input;
  input.unread = std::make_unique<std::string>("frames");
  input.reading = websocket_input::pace::paused;
  CHECK_FALSE(c.wants_reading());
  c.become(closing_state{std::move(input)});
  CHECK_FALSE(c.is_transport());
  REQUIRE(c.frames() != nullptr);
  CHECK(*c.frames()->unread == "frames");
  CHECK_FALSE(c.wants_reading());
  c.become(flushing_state{ending::close, false});
  CHECK(c.frames() == nullptr);
  CHECK(c.wants_reading());
}

TEST_CASE("what migrates comes out of it as it was", "[connection]") {
  SECTION("a WebSocket") {
    connection c = being_read();
    c.become_websocket();
    c.begin_migration();
    CHECK(c.state() == state::migrating);
    CHECK(c.is_transport());
    CHECK(c.frames() == nullptr);
    c.end_migration();
    CHECK(c.state() == state::websocket);
  }
  SECTION("a request that waits for its answer") {
    connection c = being_read();
    c.http()->become(http_exchange::waiting{7});
    c.begin_migration();
    CHECK(c.state() == state::migrating);
    CHECK(c.http() == nullptr);
    CHECK_FALSE(c.is_transport());
    c.request_exchange()->renumber(8);
    c.end_migration();
    CHECK(c.state() == state::waiting);
    CHECK(c.http()->request() == 8u);
  }
  SECTION("nothing that has begun to end") {
    connection c = being_read();
    c.become_websocket();
    c.become(flushing_state{ending::close, false});
    c.begin_migration();
    CHECK(c.state() == state::flushing);
  }
}

TEST_CASE("a peer that asks ahead is read up to a bound while its answer is owed", "[connection]") {
  connection c = being_read();
  c.http()->in.assign(16 * 1024 + 1, 'x');
  CHECK(c.wants_reading());
  c.http()->become(http_exchange::waiting{7});
  CHECK_FALSE(c.wants_reading());
  c.http()->in.pop_back();
  CHECK(c.wants_reading());
  c.http()->is_input_over = true;
  CHECK_FALSE(c.wants_reading());
}

TEST_CASE("an idle connection takes little memory", "[connection]") {
  CHECK(sizeof(connection) <= 256);
}
