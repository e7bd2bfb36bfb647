#include "engineio/refusal.hpp"
#include "peers.hpp"
#include "support/echo.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace downbeat::test;
using downbeat::http_method;

namespace {

constexpr std::string_view broken_origin = "http://a\x7f";

std::string refused(wire& line, http_method method, std::string_view query) {
  const auto request = line.request(method, query);
  CHECK(line.content_type(request) == "application/json");
  return line.response(request);
}

}  // namespace

TEST_CASE("a missing or unknown transport is refused before anything else is looked at") {
  wire line(make_echo());
  for (const std::string_view query :
       {"", "EIO=4", "EIO=4&transport=", "EIO=4&transport=pigeon", "EIO=4&transport=Polling",
        "EIO=4&transport=webtransport", "EIO=3&transport=pigeon&sid=unknown"}) {
    CAPTURE(query);
    CHECK(line.response(line.get(query, broken_origin)) == transport_unknown);
    CHECK(refused(line, http_method::other, query) == transport_unknown);
    CHECK(line.sent(line.open_websocket(query)) == transcript{"<refused 400 Transport unknown>"});
  }
}

TEST_CASE("an Origin with illegal characters is refused before the session is looked up") {
  wire line(make_echo());
  for (const std::string_view origin : {"http://a\x7f", "http://a\nb", "\x01", "a\rb"}) {
    CAPTURE(origin);
    CHECK(line.response(line.get("EIO=3&transport=polling&sid=unknown", origin)) == bad_request);
    CHECK(line.sent(line.open_websocket(by_websocket, origin)) ==
          transcript{"<refused 400 Bad request>"});
  }
  for (const std::string_view origin : {"http://localhost:5173", "null", "\xc3\xa9", "a\tb", ""}) {
    CAPTURE(origin);
    CHECK(line.response(line.get(by_polling, origin)).substr(0, 5) == "200 0");
  }
}

TEST_CASE("a session that nobody knows is refused whatever else is wrong") {
  wire line(make_echo());
  for (const std::string_view query :
       {"EIO=4&transport=polling&sid=unknown", "EIO=3&transport=polling&sid=unknown",
        "transport=websocket&sid=unknown", "EIO=4&transport=polling&sid=%00"}) {
    CAPTURE(query);
    CHECK(refused(line, http_method::get, query) == session_unknown);
    CHECK(refused(line, http_method::post, query) == session_unknown);
    CHECK(refused(line, http_method::options, query) == session_unknown);
    CHECK(line.sent(line.open_websocket(query)) == transcript{"<refused 400 Session ID unknown>"});
  }
}

TEST_CASE("a session is not found by a part of its id or in other letters") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  CHECK(line.response(line.get(polling(sid.substr(1)))) == session_unknown);
  CHECK(line.response(line.get(polling(sid + "A"))) == session_unknown);
  CHECK(line.response(line.get(polling(sid + "%00"))) == session_unknown);
}

TEST_CASE("a request that differs from its session's transport or version is a bad one") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  for (const std::string_view query :
       {"EIO=4&transport=websocket&sid=", "EIO=3&transport=polling&sid=", "transport=polling&sid=",
        "EIO=04&transport=polling&sid="}) {
    CAPTURE(query);
    const std::string whole = std::string(query) + sid;
    CHECK(refused(line, http_method::get, whole) == bad_request);
    CHECK(refused(line, http_method::post, whole) == bad_request);
    CHECK(refused(line, http_method::other, whole) == bad_request);
  }
  CHECK(line.sent(line.open_websocket("EIO=3&transport=websocket&sid=" + sid)) ==
        transcript{"<refused 400 Bad request>"});
  // The session has not suffered.
  CHECK(line.response(line.post(polling(sid), "4still here")) == "200 ok");
  CHECK(line.response(line.get(polling(sid))) == "200 4still here");
}

TEST_CASE("a session on a WebSocket has no use for HTTP requests") {
  wire line(make_echo());
  const auto peer = line.open_websocket();
  const std::string sid = member_of(line.last_sent(peer), "sid");
  CHECK(refused(line, http_method::get, polling(sid)) == bad_request);
  CHECK(refused(line, http_method::get, websocket(sid)) == bad_request);
  CHECK(refused(line, http_method::post, polling(sid)) == bad_request);
  line.receive(peer, "4still here");
  CHECK(line.sent(peer) == transcript{"4still here"});
}

TEST_CASE("a handshake is made by GET alone, whatever its version") {
  wire line(make_echo());
  for (const http_method method : {http_method::post, http_method::options, http_method::other}) {
    CHECK(refused(line, method, by_polling) == bad_method);
    CHECK(refused(line, method, "EIO=3&transport=websocket") == bad_method);
  }
}

TEST_CASE("a plain GET cannot open a WebSocket, whatever its version") {
  wire line(make_echo());
  CHECK(refused(line, http_method::get, by_websocket) == bad_request);
  CHECK(refused(line, http_method::get, "EIO=3&transport=websocket") == bad_request);
}

TEST_CASE("a handshake in any version but 4 is refused") {
  wire line(make_echo());
  for (const std::string_view version :
       {"", "EIO=", "EIO=3", "EIO=5", "EIO=4.0", "EIO=%204", "eio=4"}) {
    CAPTURE(version);
    CHECK(refused(line, http_method::get, std::string(version) + "&transport=polling") ==
          bad_version);
  }
}

TEST_CASE("a WebSocket of another version is accepted and then dropped") {
  wire line(make_echo());
  for (const std::string_view query : {"EIO=3&transport=websocket", "transport=websocket"}) {
    CHECK(line.sent(line.open_websocket(query)) == transcript{"<accepted>", "<closed 1006>"});
  }
  CHECK(line.measure("connections_websocket") == 0);
}

TEST_CASE("a WebSocket that says it is polling is accepted and then closed") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  CHECK(line.sent(line.open_websocket(by_polling)) == transcript{"<accepted>", "<closed 1005>"});
  CHECK(line.sent(line.open_websocket(polling(sid))) == transcript{"<accepted>", "<closed 1005>"});
  // It was no upgrade, so there is none in the way of another.
  upgrade(line, sid);
}

TEST_CASE("a method other than GET and POST is a server error for a session, which survives") {
  wire line(make_echo());
  const std::string sid = open_polling(line);
  for (const http_method method : {http_method::options, http_method::other}) {
    const auto request = line.request(method, polling(sid));
    CHECK(line.response(request) == "500 ");
    CHECK(line.content_type(request).empty());
  }
  CHECK(line.response(line.get(polling(sid))) == "<pending>");
}

TEST_CASE("a refusal opens nothing and wakes nobody") {
  transcript log;
  wire line(make_echo_with({}, &log));
  line.get("EIO=3&transport=polling");
  line.open_websocket("EIO=3&transport=websocket");
  line.get("EIO=4&transport=polling&sid=unknown");
  CHECK(log.empty());
  CHECK_FALSE(line.wait_ms().has_value());
  CHECK(line.measure("handshakes_total") == 0);
}

TEST_CASE("every refusal has its code, message and status") {
  using downbeat::engineio::http_status_of;
  using downbeat::engineio::json_of;
  using downbeat::engineio::refusal;
  const auto whole = [](refusal why) {
    return std::to_string(http_status_of(why)) + ' ' + json_of(why);
  };
  CHECK(whole(refusal::transport_unknown) == transport_unknown);
  CHECK(whole(refusal::session_id_unknown) == session_unknown);
  CHECK(whole(refusal::bad_handshake_method) == bad_method);
  CHECK(whole(refusal::bad_request) == bad_request);
  CHECK(whole(refusal::forbidden) == forbidden);
  CHECK(whole(refusal::shutting_down) == shutting_down);
  CHECK(whole(refusal::unsupported_protocol_version) == bad_version);
}
