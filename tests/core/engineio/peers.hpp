#pragma once

#include "support/wire.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// What the tests of Engine.IO say again and again.
namespace downbeat::test {

inline constexpr std::string_view by_polling = "EIO=4&transport=polling";
inline constexpr std::string_view by_websocket = "EIO=4&transport=websocket";

inline constexpr char transport_unknown[] = R"(400 {"code":0,"message":"Transport unknown"})";
inline constexpr char session_unknown[] = R"(400 {"code":1,"message":"Session ID unknown"})";
inline constexpr char bad_method[] = R"(400 {"code":2,"message":"Bad handshake method"})";
inline constexpr char bad_request[] = R"(400 {"code":3,"message":"Bad request"})";
inline constexpr char forbidden[] = R"(403 {"code":4,"message":"Forbidden"})";
inline constexpr char shutting_down[] = R"(503 {"code":4,"message":"Server is shutting down"})";
inline constexpr char bad_version[] = R"(400 {"code":5,"message":"Unsupported protocol version"})";

/// A closed session is remembered for so many milliseconds, until a GET has got the close.
inline constexpr std::int64_t close_timeout = 30'000;

/// The query of a GET or POST of a session.
inline std::string polling(std::string_view sid) {
  return std::string(by_polling) + "&sid=" + std::string(sid);
}

/// The query of a WebSocket that wants to take a session over.
inline std::string websocket(std::string_view sid) {
  return std::string(by_websocket) + "&sid=" + std::string(sid);
}

/// Opens a session on polling, and returns its id.
inline std::string open_polling(wire& line) {
  const std::string sid = member_of(line.response(line.get(by_polling)), "sid");
  REQUIRE(sid.size() == 20);
  return sid;
}

/// Opens a session on a WebSocket, and looks no further at its greeting.
inline transport_id open_websocket(wire& line, std::string_view query = by_websocket) {
  const transport_id id = line.open_websocket(query);
  REQUIRE(line.sent(id).size() == 2);
  return id;
}

/// Moves a session from polling to a WebSocket, which nothing was sent on afterwards.
inline transport_id upgrade(wire& line, std::string_view sid, std::string_view parameters = {}) {
  const transport_id id = line.open_websocket(websocket(sid) + std::string(parameters));
  line.receive(id, "2probe");
  line.receive(id, "5");
  REQUIRE(line.sent(id) == transcript{"<accepted>", "3probe"});
  return id;
}

}  // namespace downbeat::test
