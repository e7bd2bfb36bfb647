#include "shard_routing.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

using namespace downbeat;
using routing::peer_kind;

namespace {

using departures = std::vector<std::pair<peer_kind, std::uint64_t>>;

departures departing_with(const output::any& what) {
  departures all;
  routing::for_each_departing(
      what, [&](peer_kind kind, std::uint64_t number) { all.emplace_back(kind, number); });
  return all;
}

output::any move_to(shard_index to, const std::optional<transport_id>& websocket,
                    const std::optional<request_id>& poll, const std::optional<request_id>& post) {
  auto what = std::make_unique<migration>();
  what->websocket = websocket;
  what->poll = poll;
  what->post = post;
  return output::move_connection{to, std::move(what)};
}

}  // namespace

TEST_CASE("outputs for another shard say which one, and all others none", "[shards]") {
  CHECK(routing::destination_of(output::send_to_shard{3, {layer::engineio, "text"}}) == 3U);
  CHECK(routing::destination_of(move_to(2, 1, {}, {})) == 2U);
  CHECK(routing::destination_of(output::forward_request{7, 1}) == 1U);
  CHECK(routing::destination_of(output::forward_websocket{7, 4}) == 4U);

  CHECK_FALSE(routing::destination_of(output::cut_request{7}));
  CHECK_FALSE(routing::destination_of(output::accept_websocket{7}));
  CHECK_FALSE(routing::destination_of(output::append{1, "AMBER-FOX-42", 0, "[]"}));
  CHECK_FALSE(routing::destination_of(output::wait_until{5}));
}

TEST_CASE("what leaves a shard is what the output names", "[shards]") {
  CHECK(departing_with(output::forward_request{7, 1}) == departures{{peer_kind::request, 7}});
  CHECK(departing_with(output::forward_websocket{7, 1}) == departures{{peer_kind::transport, 7}});
  CHECK(departing_with(move_to(1, 4, {}, 6)) ==
        departures{{peer_kind::transport, 4}, {peer_kind::request, 6}});
  CHECK(departing_with(move_to(1, {}, 5, {})) == departures{{peer_kind::request, 5}});
  CHECK(departing_with(output::send_to_shard{1, {layer::engineio, "text"}}).empty());
  CHECK(departing_with(output::close_transport{7, close_code::no_status}).empty());
}

TEST_CASE("the other shard's host gives a migration its own numbers", "[shards]") {
  migration what;
  what.websocket = 1;
  what.post = 2;
  std::uint64_t next = 100;
  for (const routing::migrated_peer& peer : routing::peers_of(what)) {
    if (*peer.number) *peer.number = next++;
  }
  CHECK(what.websocket == 100U);
  CHECK_FALSE(what.upgrade_websocket);
  CHECK_FALSE(what.poll);
  CHECK(what.post == 101U);
}

TEST_CASE("a peer lost during its migration is a lost transport or request", "[shards]") {
  const auto transport = routing::loss_of(peer_kind::transport, 8);
  REQUIRE(std::holds_alternative<input::transport_closed>(transport));
  CHECK(std::get<input::transport_closed>(transport).transport == 8);
  const auto request = routing::loss_of(peer_kind::request, 9);
  REQUIRE(std::holds_alternative<input::request_aborted>(request));
  CHECK(std::get<input::request_aborted>(request).request == 9);
}
