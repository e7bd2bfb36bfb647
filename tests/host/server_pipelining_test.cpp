// Pipelined requests, clients that shut down sending, and files larger than any buffer: the server
// starts the next request after the last response has been sent, and nothing is lost.
#include "host/comes_to.hpp"
#include "host/open_session.hpp"
#include "host/peer.hpp"
#include "host/running_server.hpp"
#include "host/temporary_folder.hpp"
#include "jam/make_engine.hpp"
#include "shard.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace downbeat;
using namespace downbeat::test;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::uint64_t metric(const running_server& server, const std::string& name) {
  const std::string all = peer(server.port()).ask(get("/metrics")).body;
  const auto at = all.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::strtoull(all.c_str() + at + name.size() + 2, nullptr, 10);
}

host::server_options serving(const temporary_folder& root) {
  host::server_options options;
  options.web_root = root.path().string();
  return options;
}

std::vector<std::unique_ptr<engine>> jam_on_loops(shard_index count) {
  std::vector<std::unique_ptr<engine>> cores;
  for (shard_index i = 0; i < count; ++i) cores.push_back(jam::make_engine({}, {i, count}));
  return cores;
}

}  // namespace

TEST_CASE("a large file comes whole, to those who read at once and to those who do not") {
  const temporary_folder root;
  std::string content;
  for (int i = 0; content.size() < 3'000'000; ++i) content += std::to_string(i) + '\n';
  root.write("large.txt", content);
  running_server server(serving(root));
  peer p(server.port());
  CHECK(p.ask(get("/large.txt")).body == content);
  p.send("HEAD /large.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(p.read_reply(true).field("content-length") == std::to_string(content.size()));
  CHECK(p.ask(get("/large.txt", "Connection: close\r\n")).body == content);
  CHECK(p.is_closed_by_server());

  peer slow(server.port(), 4'096);
  slow.send(get("/large.txt"));
  CHECK(peer(server.port()).ask(get("/large.txt")).body == content);
  CHECK(slow.read_reply().body == content);
}

TEST_CASE("a peer that asks and does not read is not read either, and costs no memory") {
  const temporary_folder root;
  root.write("large.txt", std::string(1'000'000, 'x'));
  running_server server(serving(root));
  constexpr int times = 20'000;
  const std::string requests = repeated(get("/large.txt"), times);
  REQUIRE(requests.size() > 800'000);
  const std::uint64_t before = metric(server, "process_resident_memory_bytes");

  peer p(server.port(), 4'096);
  std::size_t taken = 0;
  std::thread sender([&] {
    // Ends when the server closes the connection.
    for (; taken < requests.size(); taken += 1'000) {
      if (!p.try_send(std::string_view(requests).substr(taken, 1'000))) return;
    }
  });
  const auto received = [&] { return metric(server, "downbeat_received_bytes_total"); };
  // The transfer begins, and stalls long before everything has been read.
  std::uint64_t read = received();
  for (int quiet = 0; quiet < 20;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::uint64_t now = received();
    quiet = now - read < 1'000 ? quiet + 1 : 0;
    read = now;
  }
  CHECK(read < 200'000);
  CHECK(metric(server, "process_resident_memory_bytes") < before + 10'000'000);
  // When the client reads, the transfer continues.
  for (int i = 0; i < 20; ++i) CHECK(p.read_reply().body.size() == 1'000'000);
  server.stop();
  sender.join();
}

TEST_CASE("many small requests in one piece are all answered, with others in between") {
  const temporary_folder root;
  root.write("small.txt", "small");
  running_server server(serving(root));
  peer many(server.port());
  constexpr int times = 2'000;
  // Only one thread may assert; the other one notices what has not been sent.
  std::thread sender([&] { many.try_send(repeated(get("/small.txt"), times)); });
  for (int i = 0; i < times / 100; ++i) {
    CHECK(peer(server.port()).ask(get("/healthz")).status == 200);
    for (int k = 0; k < 100; ++k) CHECK(many.read_reply().body == "small");
  }
  sender.join();
  CHECK(many.is_silent());
}

TEST_CASE("what is asked behind a pending poll waits unread, however much it is") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  constexpr int times = 3'000;
  std::thread sender([&] { p.try_send(poll(session) + repeated(get("/nowhere"), times)); });
  CHECK(p.is_silent());
  CHECK(peer(server.port()).ask(post(session, "4go")).status == 200);
  CHECK(p.read_reply().body == "4go");
  for (int i = 0; i < times; ++i) CHECK(p.read_reply().status == 404);
  sender.join();
}

#ifndef BOOST_ASIO_DISABLE_EPOLL  // select(2) does not report the loss of what is not read
TEST_CASE("one that is not read, and is gone, is noticed") {
  running_server server;
  const std::string session = open_session(server.port());
  peer p(server.port());
  p.send(poll(session) + repeated(get("/nowhere"), 500));
  CHECK(p.is_silent());
  p.reset();
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}
#endif

TEST_CASE("a body and the requests behind it are separated, however they arrive") {
  running_server server;
  const std::string session = open_session(server.port());
  const std::string all =
      post(session, "4" + get("/smuggled")) + poll(session) +
      "POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + "5\r\n" +
      "GET /\r\n0\r\n\r\n" + get("/healthz");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, all.size()}) {
    peer p(server.port());
    for (std::size_t at = 0; at < all.size(); at += piece) {
      p.send(std::string_view(all).substr(at, piece));
    }
    CHECK(p.read_reply().body == "ok");
    CHECK(p.read_reply().body == "4" + get("/smuggled"));
    CHECK(p.read_reply().status == 404);
    CHECK(p.read_reply().status == 200);
  }
}

TEST_CASE("behind a request that is refused nothing is read") {
  running_server server;
  for (const char* const fields :
       {"Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip", "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Content-Length: +0", "Content-Length: 0, 0"}) {
    INFO(fields);
    peer p(server.port());
    p.send("POST /socket.io/ HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n\r\n" +
           get("/smuggled"));
    const auto reply = p.read_reply();
    CHECK(reply.status == 400);
    CHECK(reply.field("connection") == "close");
    CHECK_FALSE(p.hears_something());
  }
}

TEST_CASE("a peer that has closed its half gets all that it asked for, and the end") {
  const temporary_folder root;
  const std::string large(3'000'000, 'x');
  root.write("large.txt", large);
  const auto loops = GENERATE(as<shard_index>(), 1, 2);
  running_server server(serving(root), jam_on_loops(loops));
  CAPTURE(loops);

  for (const char* const path : {"/healthz", "/readyz", "/metrics", "/large.txt"}) {
    for (const char* const fields : {"", "Connection: close\r\n"}) {
      // The connections go to the loops in turn.
      for (int i = 0; i < 2; ++i) {
        INFO(path << " " << fields);
        peer p(server.port());
        p.send(get(path, fields));
        p.half_close();
        const auto reply = p.read_reply();
        CHECK(reply.status == 200);
        if (path == std::string("/large.txt")) CHECK(reply.body == large);
        CHECK_FALSE(p.hears_something());
      }
    }
  }

  peer several(server.port());
  several.send(get("/large.txt") + get("/nowhere") + get("/metrics") + get("/large.txt") +
               "GET /ha");
  several.half_close();
  CHECK(several.read_reply().body == large);
  CHECK(several.read_reply().status == 404);
  CHECK(several.read_reply().status == 200);
  CHECK(several.read_reply().body == large);
  CHECK_FALSE(several.hears_something());

  peer slow(server.port(), 4'096);
  slow.send(get("/large.txt", "Connection: close\r\n"));
  slow.half_close();
  CHECK(peer(server.port()).ask(get("/healthz")).status == 200);
  CHECK(slow.read_reply().body == large);
  CHECK_FALSE(slow.hears_something());

  peer refused(server.port());
  refused.send("HELLO?\r\n\r\n");
  refused.half_close();
  CHECK(refused.read_reply().status == 400);
  CHECK_FALSE(refused.hears_something());

  // Without a response to send, the connection is closed.
  for (const std::string& beginning :
       {std::string(), std::string("GET /"), post("EIO=4", "4hello").substr(0, 100)}) {
    peer p(server.port());
    if (!beginning.empty()) p.send(beginning);
    p.half_close();
    CHECK_FALSE(p.hears_something());
  }
  // All but the one that asks.
  CHECK(comes_to(server, "downbeat_tcp_connections 1"));
}

TEST_CASE("Engine.IO answers one that has closed its half as long as it has something to say") {
  running_server server;
  peer opening(server.port());
  opening.send(poll(polling_query));
  opening.half_close();
  const auto opened = opening.read_reply();
  CHECK(opened.status == 200);
  CHECK_FALSE(opening.hears_something());

  const std::string session = std::string(polling_query) + "&sid=" + sid_of(opened.body);
  peer posting(server.port());
  posting.send(post(session, "4" + std::string(50'000, 'x')));
  posting.half_close();
  CHECK(posting.read_reply().body == "ok");
  CHECK_FALSE(posting.hears_something());

  peer poller(server.port());
  poller.send(poll(session));
  poller.half_close();
  CHECK(poller.read_reply().body == "4" + std::string(50'000, 'x'));
  CHECK_FALSE(poller.hears_something());
}

TEST_CASE("a page that changes is served as it is, and one that goes away as it was") {
  const temporary_folder root;
  const temporary_folder other_root;
  root.write("index.html", "coming");
  running_server server(serving(root));
  const auto shows = [&](const std::string& path, const std::string& body) {
    for (int i = 0; i < 1'000; ++i) {
      if (peer(server.port()).ask(get(path)).body == body) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  CHECK(shows("/", "coming"));
  // On a kept connection.
  peer p(server.port());
  const auto before = p.ask(get("/"));
  root.write("assets/app.js", "script");
  root.write("index.html", "the page");
  CHECK(shows("/", "the page"));
  CHECK(shows("/assets/app.js", "script"));
  CHECK(p.ask(get("/", "If-None-Match: " + before.field("etag") + "\r\n")).body == "the page");

  // In one step: a folder that is there and empty has no page.
  std::filesystem::rename(root.path(), other_root.path() / "gone");
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  CHECK(p.ask(get("/")).body == "the page");
  CHECK(p.ask(get("/assets/app.js")).body == "script");
}

TEST_CASE("a WebSocket speaks the first of the protocols that its client offers") {
  running_server server;
  const std::string query = "EIO=4&transport=websocket";
  peer p(server.port());
  const auto reply = p.ask(websocket_handshake(query, "Sec-WebSocket-Protocol: a, b\r\n"));
  CHECK(reply.status == 101);
  CHECK(reply.field("sec-websocket-protocol") == "a");
  CHECK(p.read_frame().data.starts_with("0{"));

  peer lines(server.port());
  CHECK(lines
            .ask(websocket_handshake(query,
                                     "Sec-WebSocket-Protocol: c\r\n"
                                     "Sec-WebSocket-Protocol: d\r\n"))
            .field("sec-websocket-protocol") == "c");
  peer none(server.port());
  CHECK(none.ask(websocket_handshake(query)).field("sec-websocket-protocol").empty());
  for (const char* const broken : {"a, a", "", "a,", "a b"}) {
    INFO(broken);
    peer other(server.port());
    CHECK(other
              .ask(websocket_handshake(query,
                                       "Sec-WebSocket-Protocol: " + std::string(broken) + "\r\n"))
              .status == 400);
  }
}

TEST_CASE("the tokens of a connection may stand in several lines") {
  running_server server;
  peer p(server.port());
  CHECK(p.ask(poll("EIO=4&transport=websocket",
                   "Connection: keep-alive\r\nConnection: Upgrade\r\n"
                   "Upgrade: h2c\r\nUpgrade: WebSocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
            .status == 101);
  peer other(server.port());
  const auto reply =
      other.ask(get("/healthz", "Connection: keep-alive\r\nConnection: x, Close\r\n"));
  CHECK(reply.status == 200);
  CHECK(reply.field("connection") == "close");
  CHECK(other.is_closed_by_server());
}
