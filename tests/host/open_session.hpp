#pragma once

#include "host/json_member_of.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

namespace downbeat::test {

inline constexpr const char* polling_query = "EIO=4&transport=polling";
inline constexpr const char* websocket_query = "EIO=4&transport=websocket";

/// Opens a session on a connection of its own, and returns the query of its requests.
inline std::string open_session(std::uint16_t port) {
  const auto opened = peer(port).ask(poll(polling_query));
  REQUIRE(opened.status == 200);
  return std::string(polling_query) + "&sid=" + sid_of(opened.body);
}

/// A WebSocket that has read the open packet.
inline peer open_websocket(const running_server& server, int receive_buffer_bytes = 0) {
  peer p = peer::websocket(server.port(), websocket_query, receive_buffer_bytes);
  REQUIRE(p.read_frame().data.starts_with("0{"));
  return p;
}

}  // namespace downbeat::test
