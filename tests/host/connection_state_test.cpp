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
using s = connection_state;

namespace {

constexpr std::array<s, connection_state_count> all_states{
    s::idle,    s::reading_head, s::reading_body, s::waiting,   s::answering, s::websocket,
    s::closing, s::flushing,     s::draining,     s::migrating, s::closed};

connection fresh() {
  return {1, byte_stream(file_descriptor())};
}

/// A connection whose request is being read.
connection reading() {
  connection c = fresh();
  c.http()->become(http_exchange::reading_head{nullptr});
  c.http()->become(http_exchange::reading_body{nullptr});
  return c;
}

}  // namespace

TEST_CASE("these states of a connection follow each other, and no others", "[connection]") {
  const std::vector<std::pair<s, s>> allowed{
      {s::idle, s::reading_head},         {s::idle, s::flushing},
      {s::reading_head, s::reading_body}, {s::reading_head, s::flushing},
      {s::reading_body, s::waiting},      {s::reading_body, s::answering},
      {s::reading_body, s::idle},         {s::reading_body, s::websocket},
      {s::reading_body, s::migrating},    {s::reading_body, s::flushing},
      {s::waiting, s::answering},         {s::waiting, s::migrating},
      {s::waiting, s::flushing},          {s::answering, s::idle},
      {s::answering, s::flushing},        {s::websocket, s::closing},
      {s::websocket, s::migrating},       {s::websocket, s::flushing},
      {s::closing, s::flushing},          {s::flushing, s::draining},
      {s::migrating, s::reading_body},    {s::migrating, s::waiting},
      {s::migrating, s::websocket}};
  for (const s from : all_states) {
    for (const s to : all_states) {
      const bool is_listed =
          std::find(allowed.begin(), allowed.end(), std::pair{from, to}) != allowed.end();
      const bool is_end = to == s::closed && from != s::closed;
      INFO(name_of(from) << " -> " << name_of(to));
      CHECK(is_allowed(from, to) == (is_listed || is_end));
    }
  }
}

TEST_CASE("a connection is in the state that it became", "[connection]") {
  connection c = fresh();
  CHECK(c.state() == s::idle);
  c.http()->become(http_exchange::reading_head{nullptr});
  CHECK(c.state() == s::reading_head);
  c.http()->become(http_exchange::reading_body{nullptr});
  CHECK(c.state() == s::reading_body);
  c.http()->become(http_exchange::waiting{7});
  CHECK(c.state() == s::waiting);
  CHECK(c.http()->request() == 7u);
  c.http()->become(http_exchange::answering{});
  CHECK(c.state() == s::answering);
  CHECK_FALSE(c.http()->request());
  c.become(flushing_state{ending::half_close, true});
  CHECK(c.state() == s::flushing);
  CHECK(c.http() == nullptr);
  c.become(draining_state{});
  CHECK(c.state() == s::draining);
  c.become(closed_state{});
  CHECK(c.state() == s::closed);
  CHECK_FALSE(c.wants_reading());
}

TEST_CASE("a WebSocket keeps its frames while it closes, and loses them then", "[connection]") {
  connection c = reading();
  c.http()->in = "behind the request";
  CHECK(c.become_websocket()->in == "behind the request");
  CHECK(c.state() == s::websocket);
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
    connection c = reading();
    c.become_websocket();
    c.begin_migration();
    CHECK(c.state() == s::migrating);
    CHECK(c.is_transport());
    CHECK(c.frames() == nullptr);
    c.end_migration();
    CHECK(c.state() == s::websocket);
  }
  SECTION("a request that waits for its answer") {
    connection c = reading();
    c.http()->become(http_exchange::waiting{7});
    c.begin_migration();
    CHECK(c.state() == s::migrating);
    CHECK(c.http() == nullptr);
    CHECK_FALSE(c.is_transport());
    c.request_exchange()->renumber(8);
    c.end_migration();
    CHECK(c.state() == s::waiting);
    CHECK(c.http()->request() == 8u);
  }
  SECTION("nothing that has begun to end") {
    connection c = reading();
    c.become_websocket();
    c.become(flushing_state{ending::close, false});
    c.begin_migration();
    CHECK(c.state() == s::flushing);
  }
}

TEST_CASE("a peer that asks ahead is read up to a bound while its answer is owed", "[connection]") {
  connection c = reading();
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
