// The rate at which a WebSocket is read: what counts, and that a pause changes nothing else.
#include "host/client_frames.hpp"
#include "host/comes_to.hpp"
#include "host/open_session.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "jam/make_engine.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;
using host::opcode;
using message = peer::message;

namespace {

host::server_options read_at(std::int64_t frames_per_second) {
  host::server_options options;
  options.max_messages_per_second = frames_per_second;
  return options;
}

std::string times(int count, const std::string& bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

/// A message in this many fragments: `4` first, then `each` in all others.
std::string in_fragments(int count, std::string_view each) {
  return client_frame(opcode::text, "4", {.is_final = false}) +
         times(count - 2, client_frame(opcode::continuation, each, {.is_final = false})) +
         client_frame(opcode::continuation, each);
}

}  // namespace

TEST_CASE("the pace counts all that a peer can make the server do", "[pace]") {
  constexpr int rate = 400;
  constexpr int burst = 50;
  constexpr int count = 200;
  const std::vector<std::string> floods = {
      times(count, client_frame(opcode::text, "4x")),
      times(count, client_frame(opcode::binary, "")),
      times(count, client_frame(opcode::ping, "")),
      times(count, client_frame(opcode::ping, std::string(125, 'x'))),
      times(count, client_frame(opcode::pong, "")),
      in_fragments(count, ""),
      in_fragments(count, "x"),
  };
  const running_server server(read_at(rate));
  std::vector<peer> peers;
  for (std::size_t i = 0; i < floods.size(); ++i) peers.push_back(open_websocket(server));

  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < floods.size(); ++i) {
    peers[i].send(floods[i] + client_frame(opcode::text, "4last"));
  }
  for (std::size_t i = 0; i < floods.size(); ++i) {
    INFO("flood " << i);
    while (peers[i].read_frame().data != "4last") {
    }
    // Frame number 201 is read when the window has regained 150 after the burst, and not before.
    const auto wait = std::chrono::steady_clock::now() - begin;
    CHECK(wait >= std::chrono::milliseconds((count + 1 - burst) * 1'000 / rate - 5));
  }
}

TEST_CASE("a peer within the pace is never made to wait", "[pace]") {
  const running_server server(read_at(100));
  peer p = open_websocket(server);
  // A full burst in one write, and then one frame at a time as the window regains them.
  p.send(times(49, client_frame(opcode::text, "4chord")));
  for (int i = 0; i < 49; ++i) REQUIRE(p.read_frame().data == "4chord");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    while (std::chrono::steady_clock::now() < begin + std::chrono::milliseconds((i + 1) * 10)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    p.send_frame(opcode::text, "4note");
    REQUIRE(p.read_frame().data == "4note");
  }
  CHECK(comes_to(server, "downbeat_limited_total{limit=\"messages_per_second\"} 0"));
}

TEST_CASE("a peer may be read slowly, and loses and mixes up nothing", "[pace]") {
  // So slowly that a stall of the machine is no pause enough.
  const running_server server(read_at(300));
  peer p = open_websocket(server);
  std::string bytes;
  std::vector<message> due;
  for (int i = 0; i < 400; ++i) {
    const std::string number = std::to_string(i);
    if (i % 3 == 0) {
      bytes += client_frame(opcode::text, "4" + number, {.is_final = false}) +
               client_frame(opcode::ping, number) + client_frame(opcode::continuation, "th");
      due.push_back({opcode::pong, number});
      due.push_back({opcode::text, "4" + number + "th"});
    } else {
      // Some are larger than one read.
      const std::string data = number + std::string(i % 50 == 1 ? 20'000 : 3, 'x');
      bytes += client_frame(opcode::binary, data);
      due.push_back({opcode::binary, data});
    }
  }
  // In pieces that end anywhere.
  std::thread sender([&] {
    std::string_view rest = bytes;
    for (std::size_t size = 1; !rest.empty(); size = size * 7 % 9'973) {
      if (!p.try_send(rest.substr(0, size))) return;
      rest.remove_prefix(std::min(size, rest.size()));
    }
  });
  bool is_in_order = true;
  for (const message& one : due) is_in_order &= p.read_frame() == one;
  sender.join();
  CHECK(is_in_order);
  CHECK_FALSE(comes_to(server, "downbeat_limited_total{limit=\"messages_per_second\"} 0", 1));
}

TEST_CASE("a close frame behind a flood is answered when it is its turn", "[pace]") {
  const running_server server(read_at(100));
  peer p = open_websocket(server);
  p.send(times(80, client_frame(opcode::ping, "?")) + client_frame(opcode::close, "\x03\xe8"));
  for (int i = 0; i < 80; ++i) REQUIRE(p.read_frame() == message{opcode::pong, "?"});
  CHECK(p.read_frame() == message{opcode::close, "\x03\xe8"});
  CHECK(p.is_closed_by_server());
  CHECK(comes_to(server, "downbeat_websockets 0"));
}

TEST_CASE("a peer that ends its side behind a flood is read to the end", "[pace]") {
  const running_server server(read_at(100));
  peer p = open_websocket(server);
  p.send(times(80, client_frame(opcode::ping, "?")));
  p.half_close();
  for (int i = 0; i < 80; ++i) REQUIRE(p.read_frame() == message{opcode::pong, "?"});
  CHECK(p.is_closed_by_server());
  CHECK(comes_to(server, "downbeat_websockets 0"));
}

TEST_CASE("a peer that is lost during a pause is noticed", "[pace]") {
  const running_server server(read_at(1));
  peer p = open_websocket(server);
  p.send(times(100, client_frame(opcode::ping, "?")));
  REQUIRE(p.read_frame().code == opcode::pong);
  p.reset();
  CHECK(comes_to(server, "downbeat_websockets 0"));
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}

TEST_CASE("a pause does not keep the server from closing, nor from reading the answer", "[pace]") {
  engineio::options engineio;
  engineio.ping_interval_ms = 100;
  engineio.ping_timeout_ms = 100;
  const running_server server(read_at(1), engineio);
  peer p = open_websocket(server);
  // A hundred seconds' worth of frames, followed at once by the answer to the close.
  p.send(times(100, client_frame(opcode::ping, "?")));
  for (;;) {
    const message heard = p.read_frame();
    if (heard.code == opcode::close) break;
    REQUIRE((heard.code == opcode::pong || heard.data == "2"));
  }
  p.send_frame(opcode::close, "");
  CHECK(p.is_closed_by_server());
  CHECK(comes_to(server, "downbeat_websockets 0"));
}

TEST_CASE("a broken frame behind a flood is found when it is its turn", "[pace]") {
  const running_server server(read_at(200));
  peer p = open_websocket(server);
  p.send(times(80, client_frame(opcode::ping, "?")) + "\xff\xff");
  for (int i = 0; i < 80; ++i) REQUIRE(p.read_frame() == message{opcode::pong, "?"});
  CHECK(p.read_frame() == message{opcode::close, "\x03\xea"});
  CHECK(p.is_closed_by_server());
}

TEST_CASE("frames that come with the handshake count as well", "[pace]") {
  const running_server server(read_at(200));
  peer p(server.port());
  p.send(websocket_handshake(websocket_query) + times(80, client_frame(opcode::ping, "?")) +
         client_frame(opcode::text, "4last"));
  REQUIRE(p.read_reply().status == 101);
  CHECK(p.read_frame().data.starts_with("0{"));
  for (int i = 0; i < 80; ++i) REQUIRE(p.read_frame() == message{opcode::pong, "?"});
  CHECK(p.read_frame() == message{opcode::text, "4last"});
  CHECK_FALSE(comes_to(server, "downbeat_limited_total{limit=\"messages_per_second\"} 0", 1));
}

TEST_CASE("a peer that migrates to another loop during a pause takes along what was not decoded",
          "[pace]") {
  constexpr shard_index loop_count = 3;
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < loop_count; ++i)
    cores.push_back(jam::make_engine({}, {i, loop_count}));
  const running_server server(read_at(100), std::move(cores));

  peer ada = open_websocket(server);
  ada.send_frame(opcode::text, "40");
  REQUIRE(ada.read_frame().data.starts_with("40{"));
  ada.send_frame(opcode::text, R"(42["session:create",{"name":"Ada"}])");
  const std::string created = ada.read_frame().data;
  const std::size_t at = created.find("\"roomCode\":\"") + 12;
  const std::string code = created.substr(at, created.find('"', at) - at);

  // On each of the loop_count in turn, so that most sessions migrate.
  for (shard_index i = 0; i < loop_count; ++i) {
    peer bob = open_websocket(server);
    std::string bytes = client_frame(opcode::text, "40") +
                        client_frame(opcode::text, R"(42["session:join",{"roomCode":")" + code +
                                                       R"(","name":"Bob"}])");
    for (int note = 0; note < 100; ++note) {
      bytes += client_frame(opcode::text, R"(42["session:event",{"type":"note","data":)" +
                                              std::to_string(note) + "}]");
    }
    bob.send(bytes);
    REQUIRE(ada.read_frame().data.starts_with(R"(42["session:user-joined",)"));
    for (int note = 0; note < 100; ++note) {
      const std::string heard = ada.read_frame().data;
      REQUIRE(heard.ends_with(R"("type":"note","data":)" + std::to_string(note) + "}]"));
    }
    bob.reset();
    REQUIRE(ada.read_frame().data.starts_with(R"(42["session:user-left",)"));
  }
  CHECK_FALSE(comes_to(server, "downbeat_limited_total{limit=\"messages_per_second\"} 0", 1));
}
