#pragma once

#include "input.hpp"
#include "migration.hpp"
#include "output.hpp"
#include "shard.hpp"
#include "shard_message.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

/// What every host of several shards must do alike with outputs for another shard, whatever a
/// connection is to it: which outputs travel, what leaves with them, and how the other shard is
/// notified. Where a connection goes is the engine's decision.
namespace downbeat::routing {

enum class peer_kind : std::uint8_t { transport, request };

/// The place of a number in a migration, for the host to read and to write.
struct migrated_peer {
  peer_kind kind;
  std::optional<std::uint64_t>* number;
};

/// All of them, always in the same order.
inline std::array<migrated_peer, 4> peers_of(migration& what) {
  return {{{peer_kind::transport, &what.websocket},
           {peer_kind::transport, &what.upgrade_websocket},
           {peer_kind::request, &what.poll},
           {peer_kind::request, &what.post}}};
}

/// The shard that an output is for; nothing if it is for this shard's own host.
inline std::optional<shard_index> destination_of(const output::any& what) {
  if (const auto* o = std::get_if<output::send_to_shard>(&what)) return o->to;
  if (const auto* o = std::get_if<output::move_connection>(&what)) return o->to;
  if (const auto* o = std::get_if<output::forward_request>(&what)) return o->to;
  if (const auto* o = std::get_if<output::forward_websocket>(&what)) return o->to;
  return std::nullopt;
}

/// Calls `take(kind, number)` for each transport and request that leaves with an output. From the
/// moment of the output on, the host hands this shard nothing more of them.
template <class Take>
void for_each_departing(const output::any& what, Take take) {
  if (const auto* moved = std::get_if<output::move_connection>(&what)) {
    for (const migrated_peer& peer : peers_of(*moved->what)) {
      if (*peer.number) take(peer.kind, **peer.number);
    }
  } else if (const auto* request = std::get_if<output::forward_request>(&what)) {
    take(peer_kind::request, request->request);
  } else if (const auto* websocket = std::get_if<output::forward_websocket>(&what)) {
    take(peer_kind::transport, websocket->transport);
  }
}

/// A message as the shard that it is for is given it; it borrows the text.
inline input::shard_message_received arrival_of(shard_index from, const shard_message& what) {
  return {from, what.to, what.text};
}

/// The input for a shard whose peer was lost during its migration. It comes after the migration,
/// which contains the peer's number.
inline input::any loss_of(peer_kind kind, std::uint64_t number) {
  if (kind == peer_kind::transport) return input::transport_closed{number};
  return input::request_aborted{number};
}

}  // namespace downbeat::routing
