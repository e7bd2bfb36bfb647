// WebSockets on real sockets.
#include "host/client_frames.hpp"
#include "host/comes_to.hpp"
#include "host/open_session.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;
using host::opcode;
using message = peer::message;

namespace {

message close_frame(int code) {
  std::string payload;
  if (code != 1005) payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return {opcode::close, payload};
}

}  // namespace

TEST_CASE("messages are echoed, text and binary, of all sizes") {
  running_server server;
  peer p = open_websocket(server);
  for (const std::size_t size : {0u, 1u, 120u, 124u, 125u, 126u, 65'534u, 65'535u, 300'000u}) {
    const std::string data(size, 'x');
    p.send_frame(opcode::text, "4" + data);
    CHECK(p.read_frame() == message{opcode::text, "4" + data});
    p.send_frame(opcode::binary, data);
    CHECK(p.read_frame() == message{opcode::binary, data});
  }
}

TEST_CASE("frames may come byte by byte, in fragments, and all together") {
  running_server server;
  peer p = open_websocket(server);
  for (const char c : client_frame(opcode::text, "4slow")) p.send(std::string(1, c));
  CHECK(p.read_frame() == message{opcode::text, "4slow"});

  p.send(client_frame(opcode::text, "4fra", {.is_final = false}) +
         client_frame(opcode::ping, "here?") + client_frame(opcode::continuation, "gments"));
  CHECK(p.read_frame() == message{opcode::pong, "here?"});
  CHECK(p.read_frame() == message{opcode::text, "4fragments"});

  std::string many;
  for (int i = 0; i < 5'000; ++i) many += client_frame(opcode::text, "4" + std::to_string(i));
  // Only the test's own thread may assert.
  bool is_sent = false;
  std::thread sender([&] { is_sent = p.try_send(many); });
  bool is_in_order = true;
  for (int i = 0; i < 5'000; ++i) is_in_order &= p.read_frame().data == "4" + std::to_string(i);
  sender.join();
  CHECK(is_sent);
  CHECK(is_in_order);
}

TEST_CASE("a flood of frames is read at the server's pace, and all of it") {
  host::server_options options;
  options.max_messages_per_second = 2'000;
  running_server server(options);
  peer flooder = open_websocket(server);
  peer other = open_websocket(server);
  std::string many;
  for (int i = 0; i < 3'000; ++i) many += client_frame(opcode::text, "4" + std::to_string(i));
  bool is_sent = false;
  std::thread sender([&] { is_sent = flooder.try_send(many); });
  bool is_in_order = true;
  for (int i = 0; i < 3'000; ++i) {
    is_in_order &= flooder.read_frame().data == "4" + std::to_string(i);
    if (i % 1'000 != 0) continue;
    other.send_frame(opcode::text, "4hello");
    CHECK(other.read_frame() == message{opcode::text, "4hello"});
  }
  sender.join();
  CHECK(is_sent);
  CHECK(is_in_order);
  const std::string metrics = peer(server.port()).ask(get("/metrics")).body;
  CHECK(metrics.find("limit=\"messages_per_second\"} 0\n") == std::string::npos);
}

TEST_CASE("an address that connects too often is turned away, and comes in again") {
  host::server_options options;
  options.max_connects_per_second_by_address = 1;
  running_server server(options);
  for (int i = 0; i < 20; ++i) CHECK(peer(server.port()).ask(get("/healthz")).status == 200);
  // The rate limiter may admit one more meanwhile, but never so many.
  int turned_away = 0;
  for (int i = 0; i < 20; ++i) {
    peer hasty(server.port());
    hasty.try_send(get("/healthz"));
    turned_away += hasty.hears_something() ? 0 : 1;
  }
  CHECK(turned_away > 0);
  bool is_in = false;
  for (int i = 0; i < 50 && !is_in; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
    peer patient(server.port());
    patient.try_send(get("/healthz"));
    is_in = patient.hears_something() && patient.read_reply().status == 200;
  }
  CHECK(is_in);
}

TEST_CASE("frames that come with the handshake are received") {
  running_server server;
  peer p(server.port());
  p.send(websocket_handshake(websocket_query) + client_frame(opcode::text, "4early"));
  const auto reply = p.read_reply();
  CHECK(reply.status == 101);
  CHECK(reply.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(reply.field("sec-websocket-extensions").empty());
  CHECK(p.read_frame().data.starts_with("0{"));
  CHECK(p.read_frame() == message{opcode::text, "4early"});
}

#ifndef BOOST_ASIO_DISABLE_EPOLL  // select(2) reports in another order
TEST_CASE("a polling session moves to a WebSocket, in order of arrival") {
  running_server server;
  peer polling(server.port());
  const std::string body = polling.ask(poll("EIO=4&transport=polling")).body;
  const auto at = body.find("\"sid\":\"") + 7;
  const std::string sid = "&sid=" + body.substr(at, body.find('"', at) - at);
  for (int i = 0; i < 3; ++i)
    CHECK(polling.ask(post("EIO=4&transport=polling" + sid, "4x")).status == 200);
  peer p = peer::websocket(server.port(), websocket_query + sid);
  p.send_frame(opcode::text, "2probe");
  CHECK(p.read_frame() == message{opcode::text, "3probe"});
  p.send_frame(opcode::text, "5");
  // The GET arrives after the upgrade, although it is on another connection.
  CHECK(polling.ask(poll("EIO=4&transport=polling" + sid)).status == 400);
  for (int i = 0; i < 3; ++i) CHECK(p.read_frame() == message{opcode::text, "4x"});
}
#endif

TEST_CASE("what is no proper handshake is refused") {
  running_server server;
  const auto status = [&](const std::string& request) {
    return peer(server.port()).ask(request).status;
  };
  const auto with = [](const std::string& fields) { return poll(websocket_query, fields); };
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  CHECK(status(with(upgrade + version + key)) == 101);
  CHECK(status(with(upgrade + key)) == 426);
  CHECK(status(with(upgrade + "Sec-WebSocket-Version: 8\r\n" + key)) == 426);
  CHECK(status(with(upgrade + version)) == 400);
  CHECK(status(with(upgrade + version + "Sec-WebSocket-Key: x\r\n")) == 400);
  CHECK(status(with("Upgrade: websocket\r\n" + version + key)) == 400);
  CHECK(status(websocket_handshake("EIO=4&transport=nothing")) == 400);
  CHECK(status("GET /elsewhere HTTP/1.1\r\nHost: x\r\n" + upgrade + version + key + "\r\n") == 404);
  CHECK(status(websocket_handshake(websocket_query, "Origin: https://evil.example\r\n")) == 403);
  CHECK(status(websocket_handshake(websocket_query, "Origin: http://jam.example\r\n")) == 101);
}

TEST_CASE("a close frame is answered in kind, and then the server hangs up") {
  running_server server;
  for (const int code : {1000, 1001, 4000, 1005}) {
    peer p = open_websocket(server);
    p.send_frame(opcode::close, close_frame(code).data);
    CHECK(p.read_frame() == close_frame(code));
    CHECK(p.is_closed_by_server());
  }
  CHECK(comes_to(server, "downbeat_connections_websocket 0"));
  CHECK(comes_to(server, "downbeat_websockets 0"));
}

TEST_CASE("what breaks the protocol is closed with its code") {
  engineio::options engineio;
  engineio.max_payload_bytes = 100'000;
  running_server server({}, engineio);
  const auto closes = [&](std::string_view bytes, int code) {
    peer p = open_websocket(server);
    p.try_send(bytes);
    CHECK(p.read_frame() == close_frame(code));
    CHECK(p.is_closed_by_server());
  };
  closes(std::string_view("\x81\x01x", 3), 1002);
  closes(client_frame(opcode::continuation, "x"), 1002);
  closes(client_frame(opcode::close, "x"), 1002);
  closes(client_frame(opcode::text, "4\xff"), 1007);
  closes(client_frame(opcode::binary, std::string(3'000'000, 'x')), 1009);
  closes(client_frame(opcode::text, "?"), 1005);
  CHECK(comes_to(server, "downbeat_connections_websocket 0"));
}

TEST_CASE("what the core closes says its last words first") {
  running_server server;
  peer p = open_websocket(server);
  p.send_frame(opcode::text, "4say and close");
  CHECK(p.read_frame() == message{opcode::text, "4goodbye"});
  CHECK(p.read_frame() == close_frame(1005));
  p.send_frame(opcode::close, "");
  CHECK(p.is_closed_by_server());
}

TEST_CASE("a peer that never answers a close frame is let go") {
  host::server_options options;
  options.close_timeout_ms = 300;
  running_server server(options);
  peer p = open_websocket(server);
  p.send_frame(opcode::text, "4close");
  CHECK(p.read_frame() == close_frame(1005));
  CHECK(p.is_closed_by_server());
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}

TEST_CASE("a peer that vanishes is missed") {
  running_server server;
  SECTION("with a reset") {
    open_websocket(server).reset();
  }
  SECTION("without a word") {
    open_websocket(server);
  }
  SECTION("in the middle of a frame") {
    open_websocket(server).send(client_frame(opcode::text, "4hello").substr(0, 5));
  }
  SECTION("by closing its half") {
    peer p = open_websocket(server);
    p.half_close();
    CHECK(p.is_closed_by_server());
  }
  CHECK(comes_to(server, "downbeat_connections_websocket 0"));
}

TEST_CASE("a silent peer is pinged, and closed when its time is over, and not before") {
  engineio::options engineio;
  engineio.ping_interval_ms = 300;
  engineio.ping_timeout_ms = 200;
  running_server server({}, engineio);
  const auto begin = std::chrono::steady_clock::now();
  peer p = open_websocket(server);
  CHECK(p.read_frame() == message{opcode::text, "2"});
  const auto pinged = std::chrono::steady_clock::now() - begin;
  CHECK(p.read_frame().code == opcode::close);
  const auto closed = std::chrono::steady_clock::now() - begin;
  // How late either may be is up to the machine; when they are due is tested on virtual time.
  using std::chrono::milliseconds;
  CHECK(pinged >= milliseconds(295));
  CHECK(closed >= milliseconds(495));
}

TEST_CASE("a peer that does not read is dropped, and others are not") {
  host::server_options options;
  options.max_queued_bytes = 100'000;
  running_server server(options);
  peer other = open_websocket(server);
  peer slow = open_websocket(server, 4096);
  const std::string note = client_frame(opcode::binary, std::string(50'000, 'x'));
  bool is_dropped = false;
  for (int i = 0; i < 2'000 && !is_dropped; ++i) is_dropped = !slow.try_send(note);
  CHECK(is_dropped);
  CHECK(comes_to(server, "downbeat_slow_readers_dropped_total 1"));
  other.send_frame(opcode::text, "4still here");
  CHECK(other.read_frame() == message{opcode::text, "4still here"});
}

TEST_CASE("what waits for all together has a bound: those for whom the most waits are dropped") {
  host::server_options options;
  options.max_queued_bytes = 0;
  options.max_queued_bytes_in_all = 1'000'000;
  running_server server(options);
  peer reader = open_websocket(server);
  std::vector<peer> stalled;
  for (int i = 0; i < 20; ++i) stalled.push_back(open_websocket(server, 4096));
  // The echoes wait in the system's buffers first, and then in the server's queues.
  const std::string note = client_frame(opcode::binary, std::string(50'000, 'x'));
  std::size_t gone = 0;
  for (int round = 0; round < 2'000 && gone < 3; ++round) {
    gone = 0;
    for (peer& p : stalled) gone += p.try_send(note) ? 0u : 1u;
    // A client that reads is served all the while.
    reader.send_frame(opcode::text, "4still here");
    REQUIRE(reader.read_frame() == message{opcode::text, "4still here"});
  }
  CHECK(gone >= 3);
  const auto text = peer(server.port()).ask(get("/metrics")).body;
  const std::string name = "\ndownbeat_websocket_queued_bytes ";
  const auto at = text.find(name);
  REQUIRE(at != std::string::npos);
  CHECK(std::stoull(text.substr(at + name.size())) <= 1'000'000);
  CHECK(text.find("downbeat_limited_total{limit=\"queued_bytes_in_all\"} 0\n") ==
        std::string::npos);
}

TEST_CASE("much that is said in one turn is not held against a peer that reads") {
  host::server_options options;
  options.max_queued_bytes = 30'000;
  running_server server(options);
  peer p = open_websocket(server);
  std::string many;
  for (int i = 0; i < 3; ++i) many += client_frame(opcode::binary, std::string(20'000, 'x'));
  for (int round = 0; round < 50; ++round) {
    // The system's buffers have room for all the answers.
    p.send(many);
    for (int i = 0; i < 3; ++i) p.read_frame();
  }
  CHECK(comes_to(server, "downbeat_slow_readers_dropped_total 0"));
}

TEST_CASE("a peer that reads late gets everything in order, large and small, and pongs between") {
  host::server_options options;
  options.max_queued_bytes = 0;
  running_server server(options);
  peer late = open_websocket(server, 4096);
  std::vector<message> due;
  const auto say = [&](opcode code, opcode answer, const std::string& data) {
    late.send_frame(code, data);
    due.push_back({answer, data});
  };
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    say(opcode::text, opcode::text, "4" + number);
    say(opcode::binary, opcode::binary, number + std::string(20'000, 'x'));
    if (i % 3 == 0) say(opcode::ping, opcode::pong, number);
    if (i % 5 == 0) say(opcode::text, opcode::text, "4" + number + std::string(1'022, 'y'));
  }
  for (const message& one : due) REQUIRE(late.read_frame() == one);
  CHECK(comes_to(server, "downbeat_websocket_queued_bytes 0"));
  late.send_frame(opcode::close, "");
  CHECK(late.read_frame() == close_frame(1005));
}

TEST_CASE("a close frame comes behind all that waits") {
  host::server_options options;
  options.max_queued_bytes = 0;
  running_server server(options);
  peer late = open_websocket(server, 4096);
  for (int i = 0; i < 200; ++i) late.send_frame(opcode::binary, std::string(20'000, 'x'));
  late.send_frame(opcode::text, "1");
  for (int i = 0; i < 200; ++i) REQUIRE(late.read_frame().data.size() == 20'000);
  CHECK(late.read_frame().code == opcode::close);
}

TEST_CASE("stopping sends every WebSocket a close") {
  running_server server;
  std::vector<peer> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(open_websocket(server));
  server.begin_stop();
  for (peer& p : peers) {
    CHECK(p.read_frame().code == opcode::close);
    p.send_frame(opcode::close, "");
    CHECK(p.is_closed_by_server());
  }
  server.stop();
}
